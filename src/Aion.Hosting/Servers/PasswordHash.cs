using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace Aion.Hosting;

/// <summary>
/// Checks basic-auth passwords against bcrypt hashes. A right answer is remembered by digest, because bcrypt is meant to be slow and a
/// scraper asks every few seconds; wrong ones are never remembered.
/// </summary>
internal sealed class PasswordHash(IReadOnlyDictionary<string, string> users)
{
    /// <summary>Compared against for users that do not exist, so that the time does not tell.</summary>
    private static readonly string Nobody = BCrypt.Net.BCrypt.HashPassword("aion", workFactor: 10);

    private readonly ConcurrentDictionary<string, bool> _known = new(StringComparer.Ordinal);

    public static void Validate(string user, string hash)
    {
        try
        {
            BCrypt.Net.BCrypt.InterrogateHash(hash);
        }
        catch (Exception e) when (e is BCrypt.Net.SaltParseException or BCrypt.Net.HashInformationException or ArgumentException)
        {
            throw new ComponentException($"basic_auth_users.{user}: not a bcrypt hash");
        }
    }

    /// <param name="authorization">The Authorization header.</param>
    public bool Accepts(string authorization)
    {
        if (!TryDecode(authorization, out string user, out string password)) return false;
        bool exists = users.TryGetValue(user, out string? hash);
        string key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{user.Length}:{user}{password}{hash}")));
        if (exists && _known.ContainsKey(key)) return true;
        bool isRight = BCrypt.Net.BCrypt.Verify(password, hash ?? Nobody) && exists;
        if (isRight) _known.TryAdd(key, true);
        return isRight;
    }

    private static bool TryDecode(string authorization, out string user, out string password)
    {
        user = password = "";
        const string Scheme = "Basic ";
        if (!authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)) return false;
        byte[] decoded = new byte[authorization.Length];
        if (!Convert.TryFromBase64String(authorization[Scheme.Length..].Trim(), decoded, out int length)) return false;
        string pair = Encoding.UTF8.GetString(decoded, 0, length);
        int colon = pair.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return false;
        (user, password) = (pair[..colon], pair[(colon + 1)..]);
        return true;
    }
}
