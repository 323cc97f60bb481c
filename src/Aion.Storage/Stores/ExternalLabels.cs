using Aion.Model;

namespace Aion.Storage;

/// <summary>How the external labels of a store take part in requests and answers.</summary>
public static class ExternalLabels
{
    /// <summary>
    /// Checks the matchers whose label the external set has, and takes them off. False: one of them does not match, so the store has
    /// nothing to say.
    /// </summary>
    public static bool TryMatch(Labels external, IReadOnlyList<LabelMatcher> matchers, out IReadOnlyList<LabelMatcher> remaining)
    {
        var left = new List<LabelMatcher>(matchers.Count);
        remaining = left;
        foreach (LabelMatcher matcher in matchers)
        {
            if (!external.Has(matcher.NameUtf8.Span)) left.Add(matcher);
            else if (!matcher.Matches(external)) return false;
        }

        return true;
    }

    /// <summary>
    /// Whether a store that announced these label sets may hold matching series: it announced none, or in one set every label that is
    /// there matches. A label that is absent never excludes.
    /// </summary>
    public static bool MayMatch(IReadOnlyList<Labels> labelSets, IReadOnlyList<LabelMatcher> matchers)
    {
        if (labelSets.Count == 0) return true;
        foreach (Labels set in labelSets)
            if (TryMatch(set, matchers, out _)) return true;
        return false;
    }

    /// <summary>The series' labels with the external ones, which win, and without the replica labels. The builder is scratch.</summary>
    public static Labels Merge(Labels series, Labels external, IReadOnlyList<string> without, LabelsBuilder builder)
    {
        builder.Reset(series);
        foreach (var label in external) builder.Set(label.Name, label.Value);
        foreach (string name in without) builder.Remove(name);
        return builder.ToLabels();
    }
}
