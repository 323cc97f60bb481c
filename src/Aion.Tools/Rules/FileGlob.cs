namespace Aion.Tools;

/// <summary>
/// Files by a pattern as Go's filepath.Glob reads it: <c>*</c>, <c>?</c> and <c>[…]</c> within one name, <c>\</c> before a character
/// that means itself.
/// </summary>
internal static class FileGlob
{
    private static readonly char[] Special = ['*', '?', '[', '\\'];

    /// <summary>The files, ascending; none for a pattern that is not valid.</summary>
    public static IReadOnlyList<string> Find(string pattern)
    {
        if (pattern.Length == 0) return [];
        string[] parts = pattern.Split('/');
        IEnumerable<string> found = [parts[0].Length == 0 && parts.Length > 1 ? "/" : ""];
        for (int i = found.First().Length > 0 ? 1 : 0; i < parts.Length; i++)
        {
            string part = parts[i];
            bool isLast = i == parts.Length - 1;
            found = found.SelectMany(folder => Below(folder, part, isLast)).ToList();
        }

        return [.. found.Order(StringComparer.Ordinal)];
    }

    private static IEnumerable<string> Below(string folder, string part, bool isLast)
    {
        if (part.IndexOfAny(Special) < 0)
        {
            string path = Join(folder, part);
            return (isLast ? Path.Exists(path) : Directory.Exists(path)) ? [path] : [];
        }

        string place = folder.Length == 0 ? "." : folder;
        if (!Directory.Exists(place) || !IsValid(part)) return [];
        return Directory.EnumerateFileSystemEntries(place)
            .Select(entry => Path.GetFileName(entry))
            .Where(name => Matches(part, name) && (isLast || Directory.Exists(Join(folder, name))))
            .Select(name => Join(folder, name));
    }

    private static string Join(string folder, string name) => folder.Length == 0 || folder.EndsWith('/') ? folder + name : $"{folder}/{name}";

    private static bool IsValid(string pattern)
    {
        for (int i = 0; i < pattern.Length; i++)
        {
            if (pattern[i] == '\\' && ++i == pattern.Length) return false;
            if (pattern[i] != '[') continue;
            int close = pattern.IndexOf(']', Math.Min(i + 2, pattern.Length));
            if (close < 0) return false;
            i = close;
        }

        return true;
    }

    /// <summary>Whole name against whole pattern; a star takes back what it took too much of.</summary>
    private static bool Matches(string pattern, string name)
    {
        int p = 0, n = 0, star = -1, taken = 0;
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                star = p++;
                taken = n;
            }
            else if (p < pattern.Length && One(pattern, ref p, name[n])) n++;
            else if (star < 0) return false;
            else
            {
                p = star + 1;
                n = ++taken;
            }
        }

        while (p < pattern.Length && pattern[p] == '*') p++;
        return p == pattern.Length;
    }

    private static bool One(string pattern, ref int p, char c)
    {
        switch (pattern[p])
        {
            case '?':
                p++;
                return true;
            case '\\':
                if (pattern[p + 1] != c) return false;
                p += 2;
                return true;
            case '[':
                int close = pattern.IndexOf(']', p + 2);
                if (!InClass(pattern.AsSpan(p + 1, close - p - 1), c)) return false;
                p = close + 1;
                return true;
            default:
                return pattern[p] == c && p++ >= 0;
        }
    }

    private static bool InClass(ReadOnlySpan<char> members, char c)
    {
        bool negated = members[0] == '^';
        if (negated) members = members[1..];
        bool found = false;
        for (int i = 0; i < members.Length; i++)
        {
            if (members[i] == '\\' && i + 1 < members.Length) i++;
            if (i + 2 < members.Length && members[i + 1] == '-')
            {
                found |= members[i] <= c && c <= members[i + 2];
                i += 2;
            }
            else found |= members[i] == c;
        }

        return found != negated;
    }
}
