using System.Globalization;

namespace Aion.ObjectStorage.Swift;

/// <summary>Version 1, of Swift's own: everything travels in headers.</summary>
internal static class LoginV1
{
    public static HttpRequestMessage Request(SwiftLogin login)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, login.Url);
        request.Headers.TryAddWithoutValidation("X-Auth-User", login.Username);
        request.Headers.TryAddWithoutValidation("X-Auth-Key", login.Password);
        return request;
    }

    public static SwiftSession Read(HttpResponseMessage answer, SwiftLogin login, DateTimeOffset now)
    {
        DateTimeOffset? expires = double.TryParse(
            SwiftAnswers.Header(answer, "X-Auth-Token-Expires"), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds) && seconds < 1e9
            ? now.AddSeconds(seconds)
            : null;
        return SwiftSession.Of(SwiftAnswers.Header(answer, "X-Storage-Url"), SwiftAnswers.Header(answer, "X-Auth-Token"), expires, login);
    }
}
