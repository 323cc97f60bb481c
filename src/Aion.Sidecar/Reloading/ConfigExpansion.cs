using System.IO.Compression;
using System.Text.RegularExpressions;

namespace Aion.Sidecar;

/// <summary>Makes of a configuration as it is mounted the one that Prometheus reads: unpacked, and with each <c>$(NAME)</c> replaced.</summary>
internal static partial class ConfigExpansion
{
    /// <summary>No configuration is larger; a packed one must not unpack without end.</summary>
    public const int MaxBytes = 64 << 20;

    /// <param name="config">Text in any encoding that keeps ASCII, or such text packed by gzip.</param>
    /// <param name="variable">A variable's value; null when it is not set.</param>
    /// <param name="unset">Receives the name of the first variable that is not set; null when all are.</param>
    /// <returns>The bytes to write; null when a variable is not set.</returns>
    /// <exception cref="InvalidDataException">It is packed and damaged, or unpacks to more than <see cref="MaxBytes"/>.</exception>
    public static byte[]? Expand(byte[] config, Func<string, string?> variable, out string? unset)
    {
        byte[] plain = IsPacked(config) ? Unpack(config) : config;
        // Latin-1 keeps every byte as it is, whatever the encoding; values are set in as UTF-8.
        string text = System.Text.Encoding.Latin1.GetString(plain);
        string? missing = null;
        string expanded = Reference().Replace(text, match =>
        {
            string name = match.Groups[1].Value;
            string? value = variable(name);
            if (value is null)
            {
                missing ??= name;
                return match.Value;
            }

            return System.Text.Encoding.Latin1.GetString(System.Text.Encoding.UTF8.GetBytes(value));
        });
        unset = missing;
        return missing is null ? System.Text.Encoding.Latin1.GetBytes(expanded) : null;
    }

    private static bool IsPacked(ReadOnlySpan<byte> bytes) => bytes.StartsWith((ReadOnlySpan<byte>)[0x1f, 0x8b, 0x08]);

    private static byte[] Unpack(byte[] packed)
    {
        using var unpacking = new GZipStream(new MemoryStream(packed), CompressionMode.Decompress);
        using var plain = new MemoryStream();
        var buffer = new byte[81920];
        for (int read; (read = unpacking.Read(buffer)) > 0;)
        {
            if (plain.Length + read > MaxBytes) throw new InvalidDataException($"it unpacks to more than {MaxBytes >> 20} MiB");
            plain.Write(buffer, 0, read);
        }

        return plain.ToArray();
    }

    [GeneratedRegex(@"\$\(([a-zA-Z_0-9]+)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Reference();
}
