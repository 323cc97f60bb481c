using System.Security.Cryptography;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Aion.Hosting;

/// <summary>Asks clients to leave a connection that has reached its age: HTTP/2 GOAWAY, running calls go on. Ages vary by a tenth, so
/// that clients that came together do not leave together.</summary>
internal static class ConnectionAge
{
    public static void Limit(ListenOptions listen, TimeSpan age, TimeProvider time) =>
        listen.Use(next => async connection =>
        {
            TimeSpan own = age * (0.9 + (RandomNumberGenerator.GetInt32(201) / 1000.0));
            IConnectionLifetimeNotificationFeature? lifetime = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
            // A timer holds at most 2^32-2 ms.
            TimeSpan due = own < TimeSpan.FromDays(49) ? own : TimeSpan.FromDays(49);
            await using ITimer timer = time.CreateTimer(_ => lifetime?.RequestClose(), null, due, Timeout.InfiniteTimeSpan);
            await next(connection);
        });
}
