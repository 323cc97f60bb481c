namespace Aion.ObjectStorage.Swift;

/// <summary>What a login brings.</summary>
/// <param name="Storage">The account's address, without a slash at the end.</param>
/// <param name="Expires">Null = the server did not say.</param>
internal sealed record SwiftSession(Uri Storage, string Token, DateTimeOffset? Expires)
{
    /// <param name="storage">The address as the server gave it, or null.</param>
    /// <exception cref="BucketException">The server gave no address or no token.</exception>
    public static SwiftSession Of(string? storage, string? token, DateTimeOffset? expires, SwiftLogin login)
    {
        if (string.IsNullOrEmpty(token))
            throw new BucketException(BucketErrorKind.Unknown, $"log in at {login.Url}: the answer holds no token");
        if (string.IsNullOrEmpty(storage))
            throw new BucketException(
                BucketErrorKind.Unknown,
                $"log in at {login.Url}: the answer names no object store{(login.Region.Length > 0 ? $" in region {login.Region} (field region_name)" : "")}");
        return Uri.TryCreate(storage.TrimEnd('/'), UriKind.Absolute, out Uri? address) && address.Scheme is "http" or "https"
            ? new SwiftSession(address, token, expires)
            : throw new BucketException(BucketErrorKind.Unknown, $"log in at {login.Url}: \"{storage}\" is no address of an object store");
    }
}
