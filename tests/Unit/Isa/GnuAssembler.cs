using System.Diagnostics;

namespace Kiln.Tests.Isa;

/// <summary>GNU as where it is installed: the bytes of each line of a source.</summary>
internal static class GnuAssembler
{
    public static bool IsInstalled { get; } = File.Exists("/usr/bin/as") && Assemble(["movl %eax, %ecx"], 64, false)[0] == "89c1";

    /// <summary>The bytes of each line, in hexadecimal; an error's text where there is one.</summary>
    public static string[] Assemble(IReadOnlyList<string> lines, int mode, bool isIntel)
    {
        string directory = Directory.CreateTempSubdirectory("kiln-as-").FullName;
        try
        {
            string source = Path.Combine(directory, "a.s"), listing = Path.Combine(directory, "a.lst");
            using (var writer = new StreamWriter(source))
            {
                writer.WriteLine(isIntel ? $".code{mode}; .intel_syntax noprefix" : $".code{mode}");
                foreach (string line in lines)
                    writer.WriteLine(line);
            }
            var start = new ProcessStartInfo("/usr/bin/as")
            {
                ArgumentList = { mode == 64 ? "--64" : "--32", "-al=" + listing, "--listing-lhs-width=16", "--listing-cont-lines=1", "-o", Path.Combine(directory, "a.o"), source },
                RedirectStandardError = true,
            };
            using Process process = Process.Start(start)!;
            string errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            var result = new string[lines.Count];
            Array.Fill(result, "");
            foreach (string line in errors.Split('\n'))
            {
                string[] parts = line.Split(':', 4);
                if (parts.Length == 4 && int.TryParse(parts[1], out int number) && number >= 2 && parts[2].Trim() == "Error")
                    result[number - 2] = parts[3].Trim();
            }
            if (File.Exists(listing))
            {
                foreach (string line in File.ReadLines(listing))
                {
                    // "   2 0000 89C1     	movl %eax, %ecx"
                    string[] parts = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
                    if (parts.Length >= 3 && int.TryParse(parts[0], out int number) && number >= 2 && number - 2 < result.Length && parts[1].Length >= 4 &&
                        result[number - 2].Length == 0)
                    {
                        string bytes = "";
                        for (int i = 2; i < parts.Length && parts[i].Length % 2 == 0 && parts[i].All(Uri.IsHexDigit) && parts[i].All(c => !char.IsLower(c)); i++)
                            bytes += parts[i];
                        result[number - 2] = bytes.ToLowerInvariant();
                    }
                }
            }
            return result;
        }
        finally
        {
            Directory.Delete(directory, true);
        }
    }
}
