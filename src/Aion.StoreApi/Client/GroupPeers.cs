using System.Globalization;
using Aion.Hosting;
using Grpc.Core;
using Grpc.Net.Client.Balancer;
using Grpc.Net.Client.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aion.StoreApi;

/// <summary>
/// Connections to groups of equal endpoints: one client a group, whose calls go round-robin over the addresses that its name resolves to.
/// </summary>
public sealed class GroupPeers(DnsAddresses dns, TimeSpan refresh, TimeProvider time, ILoggerFactory loggers)
{
    private const string Scheme = "aion-group";

    public GrpcPeer Connect(string address, GrpcClientOptions options)
    {
        ServiceProvider services = new ServiceCollection()
            .AddSingleton<ResolverFactory>(new Factory(address, dns, refresh, time, loggers))
            .BuildServiceProvider();
        return new GrpcPeer(address, new Uri($"{Scheme}:///{Uri.EscapeDataString(address)}"), options, services);
    }

    private sealed class Factory(string address, DnsAddresses dns, TimeSpan refresh, TimeProvider time, ILoggerFactory loggers) : ResolverFactory
    {
        public override string Name => Scheme;

        public override Resolver Create(ResolverOptions options) => new GroupResolver(address, dns, refresh, time, loggers);
    }

    private sealed class GroupResolver(string address, DnsAddresses dns, TimeSpan refresh, TimeProvider time, ILoggerFactory loggers)
        : PollingResolver(loggers)
    {
        private ITimer? _timer;

        protected override void OnStarted()
        {
            base.OnStarted();
            if (refresh > TimeSpan.Zero) _timer = time.CreateTimer(_ => Refresh(), null, refresh, refresh);
        }

        protected override async Task ResolveAsync(CancellationToken cancellationToken)
        {
            IReadOnlyList<string> addresses = await dns.ResolveAsync(address, cancellationToken);
            BalancerAddress[] targets = [.. addresses.Select(Parse)];
            Listener(targets.Length > 0
                ? ResolverResult.ForResult(targets, new ServiceConfig { LoadBalancingConfigs = { new RoundRobinConfig() } }, null)
                : ResolverResult.ForFailure(new Status(StatusCode.Unavailable, $"no addresses behind {address}")));
        }

        protected override void Dispose(bool disposing)
        {
            _timer?.Dispose();
            base.Dispose(disposing);
        }

        private static BalancerAddress Parse(string hostAndPort)
        {
            int colon = hostAndPort.LastIndexOf(':');
            return new BalancerAddress(hostAndPort[..colon], int.Parse(hostAndPort[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture));
        }
    }
}
