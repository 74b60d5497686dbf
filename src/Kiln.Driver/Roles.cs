namespace Kiln.Driver;

/// <summary>Chooses what the executable is, by its name or its first word, and runs it.</summary>
public static class Roles
{
    /// <summary>Runs the tool that the command line asks for and returns its exit status.</summary>
    public static int Run(string[] args)
    {
        if (args is ["--version", ..])
            Console.WriteLine("kiln 0.1.0");
        return 0;
    }
}
