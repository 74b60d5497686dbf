using System.Globalization;
using System.Text;
using Kiln.Base;
using Kiln.Object.Archives;

namespace Kiln.Driver.Tools;

/// <summary>
/// The <c>ar</c> and <c>ranlib</c> roles: GNU ar's operations d m p q r s t x with their modifiers, deterministic unless U is given.
/// MRI scripts (-M) are refused.
/// </summary>
public sealed class ArTool : IDisposable
{
    private const string Modifiers = "abcDfilNoOPsSTuUvV";
    private readonly TextWriter _output, _error;
    private readonly string _program;
    private readonly List<MappedFile> _mapped = [];
    private readonly HashSet<char> _modifiers = [];
    private char _operation;
    private string? _position;
    private int _instance;
    private string _directory = "";
    private bool _isThin;

    private ArTool(string program, TextWriter output, TextWriter error) => (_program, _output, _error) = (program, output, error);

    /// <summary>Runs ar.</summary>
    public static int Run(ReadOnlySpan<string> args, TextWriter output, TextWriter error)
    {
        using var tool = new ArTool("ar", output, error);
        return tool.Guard(tool.Main, args);
    }

    /// <summary>Runs ranlib: every argument is an archive whose index is made anew.</summary>
    public static int RunRanlib(ReadOnlySpan<string> args, TextWriter output, TextWriter error)
    {
        using var tool = new ArTool("ranlib", output, error);
        return tool.Guard(tool.Ranlib, args);
    }

    private int Guard(Func<string[], int> run, ReadOnlySpan<string> args)
    {
        try
        {
            return run([.. Options.ResponseFiles.Expand(args)]);
        }
        catch (IOException e)
        {
            _error.WriteLine($"{_program}: {e.Message}");
        }
        catch (UnauthorizedAccessException e)
        {
            _error.WriteLine($"{_program}: {e.Message}");
        }
        return 1;
    }

    private int Fail(string message)
    {
        _error.WriteLine($"{_program}: {message}");
        return 1;
    }

    private int Ranlib(string[] args)
    {
        int status = 0;
        int count = 0;
        foreach (string arg in args)
        {
            if (arg is "-D" or "-U" or "-t")
                continue;
            if (arg is "-v" or "-V" or "--version")
            {
                _output.WriteLine(Announcements.Tool("ranlib"));
                return 0;
            }
            if (arg.StartsWith('-'))
                return Fail($"invalid option -- '{arg.TrimStart('-')}'");
            count++;
            if (!File.Exists(arg))
            {
                status = Fail($"'{arg}': No such file");
                continue;
            }
            status |= Load(arg, out List<ArchiveEntry> entries, out _) ? Save(arg, entries, hasIndex: true) : 1;
        }
        return count == 0 ? Fail("no archives given") : status;
    }

    private int Main(string[] args)
    {
        int next = 0;
        string? letters = null;
        for (; next < args.Length; next++)
        {
            string arg = args[next];
            if (arg.StartsWith("--", StringComparison.Ordinal))
            {
                if (arg == "--version")
                {
                    _output.WriteLine(Announcements.Tool("ar"));
                    return 0;
                }
                if (LongOption(arg, args, ref next) is { } problem)
                    return Fail(problem);
            }
            else if (letters is null || arg is ['-', _, ..] && _operation == 0)
            {
                letters = arg.TrimStart('-');
                if (Letters(letters) is { } problem)
                    return Fail(problem);
            }
            else
                break;
        }
        if (_operation == 0)
            return Fail(_modifiers.Contains('s') ? "no operation specified" : "no operation specified");
        if (_modifiers.Contains('a') || _modifiers.Contains('b') || _modifiers.Contains('i'))
        {
            if (next >= args.Length)
                return Fail("no position given");
            _position = args[next++];
        }
        if (_modifiers.Contains('N') && (next >= args.Length || !int.TryParse(args[next++], out _instance)))
            return Fail("`N' is only meaningful with a count");
        if (_modifiers.Contains('N') && _operation is not ('x' or 'd'))
            return Fail("`N' is only meaningful with the `x' and `d' options.");
        if (_modifiers.Contains('u') && !_modifiers.Contains('U') && _operation == 'r')
            _error.WriteLine($"{_program}: `u' modifier ignored since `D' is the default (see `U')");
        if (next >= args.Length)
            return Fail("no archive specified");
        return Operate(args[next], args[(next + 1)..]);
    }

    private string? LongOption(string option, string[] args, ref int next)
    {
        int equals = option.IndexOf('=');
        string name = equals < 0 ? option : option[..equals];
        switch (name)
        {
            case "--thin":
                _isThin = true;
                return null;
            case "--output":
                if (equals < 0 && ++next >= args.Length)
                    return "option '--output' requires an argument";
                _directory = equals < 0 ? args[next] : option[(equals + 1)..];
                return null;
            case "--plugin" or "--target" or "--record-libdeps":
                if (equals < 0)
                    next++;
                return null;
            default:
                return $"unrecognized option '{option}'";
        }
    }

    private string? Letters(string letters)
    {
        foreach (char letter in letters)
            switch (letter)
            {
                case 'd' or 'm' or 'p' or 'q' or 'r' or 't' or 'x':
                    if (_operation is not '\0' and not 's' && _operation != letter)
                        return "two different operation options specified";
                    _operation = letter;
                    break;
                case 'M':
                    return "MRI scripts are not supported";
                default:
                    if (!Modifiers.Contains(letter, StringComparison.Ordinal))
                        return $"invalid option -- '{letter}'";
                    _modifiers.Add(letter);
                    break;
            }
        // s alone is an operation: make the index.
        if (_operation == 0 && _modifiers.Contains('s'))
            _operation = 's';
        _isThin |= _modifiers.Contains('T');
        return null;
    }

    private int Operate(string archive, string[] files)
    {
        bool isNew = !File.Exists(archive);
        if (isNew && _operation is not ('r' or 'q'))
            return Fail($"{archive}: No such file or directory");
        List<ArchiveEntry> entries = [];
        if (!isNew)
        {
            if (!Load(archive, out entries, out bool wasThin))
                return 1;
            if (wasThin != _isThin && _operation is 'r' or 'q' && _isThin)
                return Fail($"cannot convert existing library {archive} to {(_isThin ? "thin" : "normal")} format");
            _isThin = wasThin;
        }
        else if (!_modifiers.Contains('c'))
            _error.WriteLine($"{_program}: creating {archive}");
        switch (_operation)
        {
            case 't' or 'p' or 'x':
                return Show(archive, entries, files);
            case 's':
                return Save(archive, entries, hasIndex: true);
            case 'd':
                Delete(entries, files);
                break;
            case 'm':
                if (Move(entries, files) != 0)
                    return 1;
                break;
            case 'q':
                if (Insert(archive, entries, files, isQuick: true) != 0)
                    return 1;
                break;
            case 'r':
                if (Insert(archive, entries, files, isQuick: false) != 0)
                    return 1;
                break;
            default:
                throw new InvalidOperationException($"operation {_operation}");
        }
        return Save(archive, entries, !_modifiers.Contains('S'));
    }

    private MappedFile Map(string path)
    {
        MappedFile file = MappedFile.Open(path);
        _mapped.Add(file);
        return file;
    }

    private bool Load(string path, out List<ArchiveEntry> entries, out bool isThin)
    {
        entries = [];
        isThin = false;
        if (!File.Exists(path))
        {
            Fail($"{path}: No such file or directory");
            return false;
        }
        Bytes bytes = Map(path).Bytes;
        if (bytes.Length == 0)
            return true;
        var archive = Archive.Read(bytes, out string? problem);
        if (archive is null)
        {
            Fail($"{path}: {problem}");
            return false;
        }
        isThin = _isThin |= archive.IsThin;
        int at = archive.FirstMember;
        while (at < bytes.Length)
        {
            if (!archive.Member(at, out ArchiveMember member))
            {
                Fail($"{path}: malformed archive");
                return false;
            }
            Bytes data = member.Data;
            if (archive.IsThin)
            {
                string file = Path.Combine(Path.GetDirectoryName(path) ?? "", member.Name);
                data = File.Exists(file) ? Map(file).Bytes : default;
            }
            entries.Add(new ArchiveEntry
            {
                Name = member.Name,
                Data = data,
                Date = member.Date,
                User = member.User,
                Group = member.Group,
                Mode = member.Mode,
                Offset = at + Archive.HeaderSize,
            });
            at = member.Next;
        }
        return true;
    }

    private int Save(string path, List<ArchiveEntry> entries, bool hasIndex)
    {
        var writer = new ArchiveWriter(_isThin) { HasIndex = hasIndex };
        writer.Entries.AddRange(entries);
        ByteWriter bytes = writer.Build();
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        using (FileStream stream = File.Create(temporary))
            stream.Write(bytes.Span);
        File.Move(temporary, path, overwrite: true);
        return 0;
    }

    // The name by which a file on the command line is known in the archive.
    private string MemberName(string archive, string file)
    {
        if (_isThin)
        {
            string directory = Path.GetDirectoryName(Path.GetFullPath(archive))!;
            return Path.IsPathRooted(file) ? file : Path.GetRelativePath(directory, Path.GetFullPath(file));
        }
        string name = _modifiers.Contains('P') ? file : Path.GetFileName(file);
        return _modifiers.Contains('f') && name.Length > 15 ? name[..15] : name;
    }

    private int Find(List<ArchiveEntry> entries, string name)
    {
        int seen = 0;
        for (int i = 0; i < entries.Count; i++)
            if ((entries[i].Name == name || _isThin && Path.GetFileName(entries[i].Name) == name) && ++seen >= Math.Max(_instance, 1))
                return i;
        return -1;
    }

    private void Delete(List<ArchiveEntry> entries, string[] files)
    {
        foreach (string file in files)
        {
            int at = Find(entries, Path.GetFileName(file));
            if (at < 0)
            {
                if (_modifiers.Contains('v'))
                    _output.WriteLine($"No member named `{file}'");
                continue;
            }
            entries.RemoveAt(at);
            if (_modifiers.Contains('v'))
                _output.WriteLine($"d - {file}");
        }
    }

    private int PositionIndex(List<ArchiveEntry> entries)
    {
        if (_position is null)
            return entries.Count;
        int at = entries.FindIndex(entry => entry.Name == _position);
        return at < 0 ? entries.Count : _modifiers.Contains('a') ? at + 1 : at;
    }

    private int Move(List<ArchiveEntry> entries, string[] files)
    {
        foreach (string file in files)
        {
            int at = Find(entries, Path.GetFileName(file));
            if (at < 0)
                return Fail($"no entry {file} in archive {file}!");
            ArchiveEntry entry = entries[at];
            entries.RemoveAt(at);
            entries.Insert(PositionIndex(entries), entry);
            if (_modifiers.Contains('v'))
                _output.WriteLine($"m - {file}");
        }
        return 0;
    }

    // Only members that were there before are replaced: two files of one name from two directories both stay.
    private int Insert(string archive, List<ArchiveEntry> entries, string[] files, bool isQuick)
    {
        int inserted = 0;
        var added = new HashSet<ArchiveEntry>();
        foreach (string file in files)
        {
            if (!File.Exists(file))
                return Fail($"{file}: {(Directory.Exists(file) ? "Is a directory" : "No such file or directory")}");
            string name = MemberName(archive, file);
            int at = isQuick ? -1 : entries.FindIndex(e => e.Name == name && !added.Contains(e));
            if (at >= 0 && _modifiers.Contains('u') && _modifiers.Contains('U')
                && new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeSeconds() <= entries[at].Date)
                continue;
            var entry = new ArchiveEntry { Name = name, Data = Map(file).Bytes };
            added.Add(entry);
            if (_modifiers.Contains('U'))
                entry.Date = new DateTimeOffset(File.GetLastWriteTimeUtc(file)).ToUnixTimeSeconds();
            if (at >= 0 && _position is not null)
            {
                // a place that is named moves what was there before
                entries.RemoveAt(at);
                entries.Insert(Math.Min(PositionIndex(entries) + (_modifiers.Contains('a') ? inserted : 0), entries.Count), entry);
                inserted++;
            }
            else if (at >= 0)
                entries[at] = entry;
            else
                entries.Insert(Math.Min(PositionIndex(entries) + (_position is null ? 0 : _modifiers.Contains('a') ? inserted : 0), entries.Count), entry);
            inserted += at >= 0 ? 0 : 1;
            if (_modifiers.Contains('v'))
                _output.WriteLine($"{(at >= 0 ? 'r' : 'a')} - {file}");
        }
        return 0;
    }

    private int Show(string archive, List<ArchiveEntry> entries, string[] files)
    {
        int status = 0;
        if (files.Length == 0)
        {
            foreach (ArchiveEntry entry in entries)
                ShowOne(archive, entry);
            return 0;
        }
        foreach (string file in files)
        {
            int at = Find(entries, Path.GetFileName(file));
            if (at >= 0)
                ShowOne(archive, entries[at]);
            else
                _error.WriteLine($"no entry {file} in archive");
        }
        return status;
    }

    private void ShowOne(string archive, ArchiveEntry entry)
    {
        switch (_operation)
        {
            case 't':
                string prefix = _modifiers.Contains('v') ? Verbose(entry) : "";
                string name = _isThin ? Path.Combine(Path.GetDirectoryName(archive) ?? "", entry.Name) : entry.Name;
                _output.WriteLine(prefix + name + (_modifiers.Contains('O') ? string.Create(CultureInfo.InvariantCulture, $" 0x{entry.Offset:x}") : ""));
                break;
            case 'p':
                if (_modifiers.Contains('v'))
                    _output.WriteLine($"\n<{entry.Name}>\n");
                _output.Flush();
                using (Stream raw = Console.OpenStandardOutput())
                    raw.Write(entry.Data.Span);
                break;
            case 'x':
                if (_modifiers.Contains('v'))
                    _output.WriteLine($"x - {entry.Name}");
                string path = Path.Combine(_directory, Path.GetFileName(entry.Name));
                using (FileStream stream = File.Create(path))
                    stream.Write(entry.Data.Span);
                if (!OperatingSystem.IsWindows())
                    File.SetUnixFileMode(path, (UnixFileMode)(entry.Mode & 0x1ff));
                if (_modifiers.Contains('o'))
                    File.SetLastWriteTimeUtc(path, DateTimeOffset.FromUnixTimeSeconds(entry.Date).UtcDateTime);
                break;
            default:
                throw new InvalidOperationException($"operation {_operation}");
        }
    }

    private static string Verbose(ArchiveEntry entry)
    {
        var text = new StringBuilder();
        for (int bit = 8; bit >= 0; bit--)
            text.Append((entry.Mode >> bit & 1) != 0 ? "xwr"[bit % 3] : '-');
        DateTimeOffset date = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(entry.Date, 0, 1L << 36));
        return string.Create(CultureInfo.InvariantCulture,
            $"{text} {entry.User}/{entry.Group} {entry.Data.Length,6} {date.ToLocalTime():MMM} {date.ToLocalTime().Day,2} {date.ToLocalTime():HH:mm yyyy} ");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (MappedFile file in _mapped)
            file.Dispose();
    }
}
