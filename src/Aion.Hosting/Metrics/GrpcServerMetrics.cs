using Grpc.AspNetCore.Server;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using Prometheus;

namespace Aion.Hosting;

/// <summary><c>grpc_server_*</c> and the count of unexpected errors.</summary>
/// <remarks>reference/metrics.md M-3.</remarks>
internal sealed class GrpcServerMetrics
{
    private static readonly string[] MethodLabels = ["grpc_method", "grpc_service", "grpc_type"];
    private readonly Counter _started;
    private readonly Counter _handled;
    private readonly Counter _received;
    private readonly Counter _sent;
    private readonly Histogram _seconds;

    public GrpcServerMetrics(MetricsRegistry metrics)
    {
        MetricFactory factory = metrics.Factory;
        _started = factory.CreateCounter("grpc_server_started_total", "Total number of RPCs started on the server.", MethodLabels);
        _handled = factory.CreateCounter("grpc_server_handled_total",
            "Total number of RPCs completed on the server, regardless of success or failure.", ["grpc_code", .. MethodLabels]);
        _received = factory.CreateCounter("grpc_server_msg_received_total", "Total number of RPC stream messages received on the server.", MethodLabels);
        _sent = factory.CreateCounter("grpc_server_msg_sent_total", "Total number of gRPC stream messages sent by the server.", MethodLabels);
        _seconds = metrics.Histogram("grpc_server_handling_seconds",
            "Histogram of response latency (seconds) of gRPC that had been application-level handled by the server.", Buckets.Seconds, MethodLabels);
        Panics = factory.CreateCounter("grpc_req_panics_recovered_total", "Total number of gRPC requests recovered from internal panic.");
    }

    /// <summary>Calls that failed with an error no service foresaw.</summary>
    public Counter Panics { get; }

    /// <summary>Creates the series of every mapped method at zero, so that rates exist from the first scrape.</summary>
    public void CreateFor(IEnumerable<Endpoint> endpoints)
    {
        foreach (Endpoint endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<GrpcMethodMetadata>()?.Method is { } method) Of(method.FullName, method.Type).CreateAll();
        }
    }

    /// <param name="fullName"><c>/service/method</c>.</param>
    public CallMetrics Of(string fullName, MethodType type)
    {
        int slash = fullName.LastIndexOf('/');
        return new CallMetrics(this, [fullName[(slash + 1)..], fullName[1..slash], TypeText(type)]);
    }

    private static string TypeText(MethodType type) => type switch
    {
        MethodType.Unary => "unary",
        MethodType.ServerStreaming => "server_stream",
        MethodType.ClientStreaming => "client_stream",
        _ => "bidi_stream",
    };

    /// <summary>The instruments of one method.</summary>
    internal readonly struct CallMetrics(GrpcServerMetrics owner, string[] labels)
    {
        public void Start() => owner._started.WithLabels(labels).Inc();

        public void Received() => owner._received.WithLabels(labels).Inc();

        /// <summary>For a stream's every message.</summary>
        public Counter.Child Sent => owner._sent.WithLabels(labels);

        public Counter.Child ReceivedCounter => owner._received.WithLabels(labels);

        public void End(StatusCode code, TimeSpan elapsed)
        {
            owner._handled.WithLabels([CodeText(code), .. labels]).Inc();
            owner._seconds.WithLabels(labels).Observe(elapsed.TotalSeconds);
        }

        public void CreateAll()
        {
            owner._started.WithLabels(labels);
            owner._received.WithLabels(labels);
            owner._sent.WithLabels(labels);
            owner._seconds.WithLabels(labels);
            foreach (StatusCode code in Enum.GetValues<StatusCode>()) owner._handled.WithLabels([CodeText(code), .. labels]);
        }

        // Upstream's spelling of the one code that differs.
        private static string CodeText(StatusCode code) => code == StatusCode.Cancelled ? "Canceled" : code.ToString();
    }
}
