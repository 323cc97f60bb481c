using System.Text.Json;
using Aion.Model;
using Aion.Protocol.Wire.RulesApi;
using Strategy = Aion.Protocol.Wire.PartialResponseStrategy;

namespace Aion.Sidecar;

/// <summary>Reads the rule groups of Prometheus's API.</summary>
internal static class RuleReader
{
    /// <param name="external">Goes onto every rule's labels.</param>
    public static RuleGroup Group(JsonElement group, Labels external)
    {
        var read = new RuleGroup
        {
            Name = group.Text("name"),
            File = group.Text("file"),
            Interval = group.Number("interval"),
            Limit = group.Whole("limit"),
            EvaluationDurationSeconds = group.Number("evaluationTime"),
            LastEvaluation = group.Time("lastEvaluation"),
            // Prometheus evaluates over its own data, which is there or not.
            PartialResponseStrategy = Strategy.Abort,
        };
        foreach (JsonElement rule in group.List("rules"))
            read.Rules.Add(rule.Text("type") == "alerting" ? new Rule { Alert = Alert(rule, external) } : new Rule { Recording = Recording(rule, external) });
        return read;
    }

    private static RecordingRule Recording(JsonElement rule, Labels external) => new()
    {
        Name = rule.Text("name"),
        Query = rule.Text("query"),
        Labels = rule.Labels("labels", external),
        Health = rule.Text("health"),
        LastError = rule.Text("lastError"),
        EvaluationDurationSeconds = rule.Number("evaluationTime"),
        LastEvaluation = rule.Time("lastEvaluation"),
    };

    private static Alert Alert(JsonElement rule, Labels external)
    {
        var alert = new Alert
        {
            State = State(rule),
            Name = rule.Text("name"),
            Query = rule.Text("query"),
            DurationSeconds = rule.Number("duration"),
            Labels = rule.Labels("labels", external),
            Annotations = rule.Labels("annotations", Labels.Empty),
            Health = rule.Text("health"),
            LastError = rule.Text("lastError"),
            EvaluationDurationSeconds = rule.Number("evaluationTime"),
            LastEvaluation = rule.Time("lastEvaluation"),
            KeepFiringForSeconds = rule.Number("keepFiringFor"),
        };
        foreach (JsonElement instance in rule.List("alerts"))
        {
            alert.Alerts.Add(new AlertInstance
            {
                Labels = instance.Labels("labels", Labels.Empty),
                Annotations = instance.Labels("annotations", Labels.Empty),
                State = State(instance),
                ActiveAt = instance.Time("activeAt"),
                Value = instance.Text("value"),
            });
        }

        return alert;
    }

    private static AlertState State(JsonElement of) => of.Text("state") switch
    {
        "inactive" => AlertState.Inactive,
        "pending" => AlertState.Pending,
        "firing" => AlertState.Firing,
        _ => AlertState.Unknown,
    };
}
