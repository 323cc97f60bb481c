using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using Aion.Model;
using Aion.Storage;
using Aion.StoreApi;
using Aion.Testing;
using MatchType = Aion.Model.MatchType;

namespace Aion.Query.Tests;

/// <summary>What a Thanos querier asked its store for one HTTP request, against what ours asks: the same selects, as a set.</summary>
public sealed class DownstreamTests
{
    [Fact]
    public async Task Stores_are_asked_what_Thanos_asks_them()
    {
        string file = SharedFolder.Require("golden", "wire", "grpc-query-to-store.jsonl");
        var store = new RecordingStore();
        StoreClient[] clients = [new StoreClient(store, "127.0.0.1:21095")];
        var source = new StoreQuerySource(new ProxyStore(() => clients, new ProxyOptions()), () => []);
        await using ApiServer api = await ApiServer.StartAsync(source, new QueryApiOptions { ReplicaLabels = ["replica"] });
        var failures = new KnownFailures("downstream");

        foreach (JsonNode recorded in File.ReadLines(file).Select(l => JsonNode.Parse(l)!))
        {
            var id = (string)recorded["id"]!;
            // The other engine and distributed mode ask otherwise by design.
            if (id.Contains("thanos", StringComparison.Ordinal) || id.StartsWith("distributed", StringComparison.Ordinal)) continue;
            store.Asked.Clear();
            var headers = recorded["request_headers"]?.AsObject().Select(h => new KeyValuePair<string, string>(h.Key, (string)h.Value!)) ?? [];
            string query = string.Join('&', recorded["params"]!.AsArray().Select(p => Uri.EscapeDataString((string)p![0]!) + "=" + Uri.EscapeDataString($"{p[1]}")));
            await api.SendAsync("GET", $"{recorded["path"]}?{query}", headers);

            SortedSet<string> wanted = [.. recorded["downstream_calls"]!.AsArray().Select(c => Describe((string)c!["method"]!, c["request"]!))];
            SortedSet<string> asked = [.. store.Asked];
            failures.Record(id, wanted.SetEquals(asked) ? null : $"asked {string.Join(" ; ", asked.Except(wanted))} instead of {string.Join(" ; ", wanted.Except(asked))}");
        }

        failures.Assert();
    }

    private static string Describe(string method, JsonNode request) => string.Join(' ', new[]
    {
        method.Split('/')[^1], $"{request["label"]}",
        $"[{request["min_time"] ?? request["start"] ?? 0} {request["max_time"] ?? request["end"] ?? 0}]",
        $"{{{string.Join(',', (request["matchers"]?.AsArray() ?? []).Select(m => $"{m!["name"]}{Operator((string?)m["type"])}{m["value"]}"))}}}",
        $"aggregates:{string.Join('+', request["aggregates"]?.AsArray().Select(a => (string)a!) ?? [])}",
        $"resolution:{request["max_resolution_window"] ?? 0}", $"{request["partial_response_strategy"] ?? "WARN"}",
        $"skip:{request["skip_chunks"]?.GetValue<bool>() ?? false}", $"without:{string.Join(',', request["without_replica_labels"]?.AsArray().Select(l => (string)l!) ?? [])}",
        $"limit:{request["limit"] ?? 0}", request["shard_info"] is { } s ? $"shard:{s["shard_index"] ?? 0}/{s["total_shards"]} {s["by"] ?? false} {string.Join(',', s["labels"]?.AsArray().Select(l => (string)l!) ?? [])}" : "",
    });

    private static string Operator(string? type) => type switch { "NEQ" => "!=", "RE" => "=~", "NRE" => "!~", _ => "=" };

    private sealed class RecordingStore : IStore
    {
        public List<string> Asked { get; } = [];

        public string Name => "recording";

        public StoreInfo Info => new()
        {
            Component = "store",
            LabelSets = [Labels.Of("cluster", "one", "replica", "a"), Labels.Of("cluster", "one", "replica", "b")],
        };

        public async IAsyncEnumerable<SeriesFrame> SelectAsync(SelectRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
        {
            await Task.CompletedTask;
            Add(string.Join(' ', new[]
            {
                "Series", "", $"[{request.MinTimeMs} {request.MaxTimeMs}]", Matchers(request.Matchers), $"aggregates:{Names(request.Aggregates)}",
                $"resolution:{request.MaxResolutionMs}", Strategy(request.PartialResponse), $"skip:{request.SkipChunks}",
                $"without:{string.Join(',', request.WithoutReplicaLabels)}", $"limit:{request.Limit}",
                request.Shard is { } s ? $"shard:{s.ShardIndex}/{s.TotalShards} {(s.By ? "true" : "false")} {string.Join(',', s.Labels)}" : "",
            }));
            yield break;
        }

        public Task<LabelsAnswer> LabelNamesAsync(LabelNamesRequest request, CancellationToken cancellationToken)
        {
            Add(string.Join(' ', new[]
            {
                "LabelNames", "", $"[{request.MinTimeMs} {request.MaxTimeMs}]", Matchers(request.Matchers), "aggregates:", "resolution:0",
                Strategy(request.PartialResponse), "skip:False", $"without:{string.Join(',', request.WithoutReplicaLabels)}", $"limit:{request.Limit}", "",
            }));
            return Task.FromResult(LabelsAnswer.Empty);
        }

        public Task<LabelsAnswer> LabelValuesAsync(LabelValuesRequest request, CancellationToken cancellationToken)
        {
            Add(string.Join(' ', new[]
            {
                "LabelValues", request.Label, $"[{request.MinTimeMs} {request.MaxTimeMs}]", Matchers(request.Matchers), "aggregates:", "resolution:0",
                Strategy(request.PartialResponse), "skip:False", $"without:{string.Join(',', request.WithoutReplicaLabels)}", $"limit:{request.Limit}", "",
            }));
            return Task.FromResult(LabelsAnswer.Empty);
        }

        private void Add(string request)
        {
            lock (Asked) Asked.Add(request);
        }

        private static string Strategy(PartialResponse strategy) => strategy == PartialResponse.Abort ? "ABORT" : "WARN";

        private static string Matchers(IReadOnlyList<LabelMatcher> matchers) => $"{{{string.Join(',', matchers.Select(m =>
            m.Name + m.Type switch { MatchType.NotEqual => "!=", MatchType.Regex => "=~", MatchType.NotRegex => "!~", _ => "=" } + m.Value))}}}";

        private static string Names(Aggregates aggregates) => string.Join('+', new[] { Aggregates.Raw, Aggregates.Count, Aggregates.Sum, Aggregates.Min, Aggregates.Max, Aggregates.Counter }
            .Where(a => aggregates.HasFlag(a)).Select(a => a.ToString().ToUpperInvariant()));
    }
}
