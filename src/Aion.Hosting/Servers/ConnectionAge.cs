using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aion.Hosting;

/// <summary>
/// Asks clients to leave a connection that has reached its age (HTTP/2 GOAWAY; running calls go on). Ages vary by a tenth, so that clients that
/// came together do not leave together.
/// </summary>
/// <remarks>
/// The server closes as soon as no call runs, and a call the client sent meanwhile would be lost. So the request goes out at the start of a call,
/// and that call ends no sooner than the client must have seen it.
/// </remarks>
internal sealed class ConnectionAge(IConnectionLifetimeNotificationFeature lifetime, TimeSpan limit, TimeProvider time)
{
    /// <summary>More than a round trip.</summary>
    private static readonly TimeSpan Notice = TimeSpan.FromMilliseconds(200);

    private readonly long _opened = time.GetTimestamp();
    private int _isClosing;

    /// <summary>Gives each connection an age.</summary>
    public static void Limit(ListenOptions listen, TimeSpan age, TimeProvider time) =>
        listen.Use(next => connection =>
        {
            TimeSpan own = age * (0.9 + (RandomNumberGenerator.GetInt32(201) / 1000.0));
            if (connection.Features.Get<IConnectionLifetimeNotificationFeature>() is { } lifetime)
                connection.Features.Set(new ConnectionAge(lifetime, own, time));
            return next(connection);
        });

    /// <summary>Looks at the age when a call comes in.</summary>
    public static Task InvokeAsync(HttpContext http, RequestDelegate next) =>
        http.Features.Get<ConnectionAge>() is { } age && age.MustClose() ? age.CloseDuringAsync(http, next) : next(http);

    private bool MustClose() => time.GetElapsedTime(_opened) >= limit && Interlocked.Exchange(ref _isClosing, 1) == 0;

    private async Task CloseDuringAsync(HttpContext http, RequestDelegate next)
    {
        lifetime.RequestClose();
        var notice = Task.Delay(Notice, http.RequestAborted);
        try
        {
            await next(http);
        }
        finally
        {
            await notice.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
