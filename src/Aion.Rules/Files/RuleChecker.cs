using Aion.Model;
using Aion.PromQL;

namespace Aion.Rules;

/// <summary>Checks one rule and parses its expression.</summary>
/// <param name="number">In its group, from 1.</param>
internal sealed class RuleChecker(string group, int number, RulePlaces places, ParserOptions options, List<RuleFileProblem> problems)
{
    // What every alert's templates may use; upstream puts the same in front, on the first line.
    private const string Variables =
        "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}{{$externalURL := .ExternalURL}}{{$value := .Value}}";

    private static readonly IReadOnlyDictionary<string, TemplateFunction> NotCalled =
        AlertTemplateFunctions.Names.ToDictionary(name => name, TemplateFunction (_) => static _ => null);

    public static bool IsLabelName(string name) => name.Length > 0 && name != LabelNames.MetricName && IsUnicode(name);

    /// <returns>The rule with its expression parsed.</returns>
    public Rule Check(Rule rule)
    {
        string name = rule.IsAlert ? rule.Alert : rule.Record;
        if (rule.Record.Length > 0 && rule.IsAlert) Fail("record", name, "only one of 'record' and 'alert' must be set");
        if (name.Length == 0) Fail("", name, "one of 'record' or 'alert' must be set");
        rule = rule with { Parsed = Expression(rule, name) };
        if (rule.Record.Length > 0) CheckRecord(rule, name);
        foreach (var (label, _) in rule.Labels)
            if (!IsLabelName(label)) Fail("labels", name, $"invalid label name: {label}");
        foreach (var (annotation, _) in rule.Annotations)
            if (annotation.Length == 0 || !IsUnicode(annotation)) Fail("annotations", name, $"invalid annotation name: {annotation}");
        if (rule.IsAlert) CheckTemplates(rule, name);
        return rule;
    }

    /// <summary>Whether the text can be written as UTF-8: no half of a surrogate pair.</summary>
    private static bool IsUnicode(string text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            if (!char.IsSurrogate(text[i])) continue;
            if (i + 1 == text.Length || !char.IsSurrogatePair(text[i], text[i + 1])) return false;
            i++;
        }

        return true;
    }

    private Expr? Expression(Rule rule, string name)
    {
        if (rule.Expression.Length == 0)
        {
            Fail("expr", name, "field 'expr' must be set in rule");
            return null;
        }

        try
        {
            return PromQLParser.Parse(rule.Expression, options);
        }
        catch (PromQLParseException e)
        {
            Fail("expr", name, $"could not parse expression: {e.Message}");
            return null;
        }
    }

    private void CheckRecord(Rule rule, string name)
    {
        if (rule.Annotations.Count > 0) Fail("annotations", name, "invalid field 'annotations' in recording rule");
        if (rule.For != TimeSpan.Zero) Fail("for", name, "invalid field 'for' in recording rule");
        if (rule.KeepFiringFor != TimeSpan.Zero) Fail("keep_firing_for", name, "invalid field 'keep_firing_for' in recording rule");
        if (rule.Record.AsSpan().ContainsAny('{', '}'))
            Fail("record", name, $"braces present in the recording rule name; should it be in expr?: {rule.Record}");
        else if (!IsUnicode(rule.Record)) Fail("record", name, $"invalid recording rule name: {rule.Record}");
    }

    private void CheckTemplates(Rule rule, string name)
    {
        foreach (var (label, text) in rule.Labels) CheckTemplate(rule, "labels", name, $"label {GoText.Quote(label)}", text);
        foreach (var (annotation, text) in rule.Annotations) CheckTemplate(rule, "annotations", name, $"annotation {GoText.Quote(annotation)}", text);
    }

    private void CheckTemplate(Rule rule, string field, string name, string what, string text)
    {
        try
        {
            GoTemplate.Parse("__alert_" + rule.Alert, Variables + text, NotCalled);
        }
        catch (TemplateException e)
        {
            Fail(field, name, $"{what}: {e.Message}");
        }
    }

    private void Fail(string field, string name, string message)
    {
        YamlItem place = places.Of(field);
        problems.Add(new RuleFileProblem(
            true, place.Line, place.Column, $"group {GoText.Quote(group)}, rule {number}, {GoText.Quote(name)}: {message}"));
    }
}
