using System.Text.Json;

namespace Aion.Testing;

/// <summary>One recorded edit of a file or directory in a copy.</summary>
public static class FileEdit
{
    public static void Apply(string directory, JsonElement edit)
    {
        string path = Path.Combine(directory, edit.GetProperty("path").GetString()!);
        switch (edit.GetProperty("op").GetString())
        {
            case "truncate":
                using (FileStream file = File.OpenWrite(path)) file.SetLength(edit.GetProperty("length").GetInt64());
                break;
            case "zero":
                Change(path, bytes => bytes.AsSpan(edit.GetProperty("offset").GetInt32(), edit.GetProperty("length").GetInt32()).Clear());
                break;
            case "xor":
                Change(path, bytes => bytes[edit.GetProperty("offset").GetInt32()] ^= edit.GetProperty("xor").GetByte());
                break;
            case "append":
                File.AppendAllBytes(path, edit.GetProperty("bytes").GetBytesFromBase64());
                break;
            case "write":
                File.WriteAllBytes(path, edit.GetProperty("bytes").GetBytesFromBase64());
                break;
            case "delete" when Directory.Exists(path):
                Directory.Delete(path, recursive: true);
                break;
            case "delete":
                File.Delete(path);
                break;
            case "mkdir":
                Directory.CreateDirectory(path);
                break;
            case var other:
                throw new FormatException($"edit {other}");
        }
    }

    private static void Change(string path, Action<byte[]> change)
    {
        byte[] bytes = File.ReadAllBytes(path);
        change(bytes);
        File.WriteAllBytes(path, bytes);
    }
}
