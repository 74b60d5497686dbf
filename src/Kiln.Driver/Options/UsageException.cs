namespace Kiln.Driver.Options;

/// <summary>A command line that cannot be obeyed. The message is shown as <c>kiln: error: …</c>.</summary>
internal sealed class UsageException(string message) : Exception(message);
