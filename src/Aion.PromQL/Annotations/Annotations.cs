using System.Text;

namespace Aion.PromQL;

/// <summary>
/// Warnings and infos of one query. An annotation is a kind, the names it mentions and a place in the text; it is rendered once, at the end.
/// Thread-safe.
/// </summary>
internal sealed class Annotations
{
    private readonly Lock _lock = new();
    private readonly HashSet<Annotation> _seen = [];
    private readonly List<Annotation> _list = [];
    private readonly Dictionary<(PositionRange, string), RepairedSteps> _repairs = [];
    private readonly Dictionary<Annotation, long> _counts = [];

    public void Add(AnnotationKind kind, PositionRange position, string first = "", string second = "")
    {
        var annotation = new Annotation(kind, position, first, second);
        lock (_lock)
        {
            if (_seen.Add(annotation)) _list.Add(annotation);
        }
    }

    /// <summary>Notes a classic histogram that had to be made monotonic at one of <paramref name="steps"/> steps.</summary>
    public void AddRepair(PositionRange position, string metricName, int step, int steps, MonotonicityRepair repair)
    {
        lock (_lock)
        {
            var annotation = new Annotation(AnnotationKind.ForcedMonotonicity, position, metricName, "");
            if (_seen.Add(annotation)) _list.Add(annotation);
            if (!_repairs.TryGetValue((position, metricName), out RepairedSteps? repaired))
                _repairs.Add((position, metricName), repaired = new RepairedSteps(steps));
            repaired.Add(step, repair);
        }
    }

    /// <summary>Adds an annotation whose text tells how often it was added.</summary>
    public void AddCounted(AnnotationKind kind, PositionRange position, string first, long occurrences)
    {
        var annotation = new Annotation(kind, position, first, "");
        lock (_lock)
        {
            if (_seen.Add(annotation)) _list.Add(annotation);
            Annotation anywhere = annotation with { Position = default };
            _counts[anywhere] = _counts.GetValueOrDefault(anywhere) + occurrences;
        }
    }

    /// <summary>Texts of one class with their place, unique by text; the last place evaluated wins.</summary>
    public IReadOnlyList<string> Render(bool warnings, string query)
    {
        List<(string Text, PositionRange Position)> texts = [];
        lock (_lock)
        {
            foreach (Annotation annotation in _list)
            {
                if (AnnotationTexts.IsWarning(annotation.Kind) != warnings) continue;
                string text = AnnotationTexts.Render(
                    annotation, Repair(annotation.First), _counts.GetValueOrDefault(annotation with { Position = default }));
                int at = texts.FindIndex(t => t.Text == text);
                if (at < 0) texts.Add((text, annotation.Position));
                else if (IsLater(annotation.Position, texts[at].Position)) texts[at] = (text, annotation.Position);
            }
        }

        byte[] utf8 = Encoding.UTF8.GetBytes(query);
        return [.. texts.Select(t => $"{(warnings ? "PromQL warning: " : "PromQL info: ")}{t.Text} ({LineAndColumn(utf8, t.Position.Start)})")];
    }

    /// <summary>All repairs of a metric, from whichever place.</summary>
    private MonotonicityRepair? Repair(string metricName)
    {
        MonotonicityRepair? all = null;
        foreach (((_, string name), RepairedSteps repaired) in _repairs)
            if (name == metricName) all = all?.With(repaired.Total()) ?? repaired.Total();
        return all;
    }

    /// <summary>A node around another one is evaluated after it, and so is a node further right.</summary>
    private static bool IsLater(PositionRange a, PositionRange b)
    {
        if (a.Start <= b.Start && a.End >= b.End) return true;
        if (b.Start <= a.Start && b.End >= a.End) return false;
        return a.Start > b.Start;
    }

    private static string LineAndColumn(ReadOnlySpan<byte> query, int offset)
    {
        offset = Math.Min(offset, query.Length);
        int line = 1 + query[..offset].Count((byte)'\n');
        int column = offset - query[..offset].LastIndexOf((byte)'\n');
        return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{line}:{column}");
    }
}

internal readonly record struct Annotation(AnnotationKind Kind, PositionRange Position, string First, string Second);

/// <summary>How far a classic histogram was from monotonic, over all steps and series of one place.</summary>
internal sealed record MonotonicityRepair(double MinBucket, double MaxBucket, double MaxDifference, long Count, long MinTimeMs, long MaxTimeMs)
{
    public MonotonicityRepair With(MonotonicityRepair other) => new(
        Math.Min(MinBucket, other.MinBucket),
        Math.Max(MaxBucket, other.MaxBucket),
        Math.Max(MaxDifference, other.MaxDifference),
        Count + other.Count,
        Math.Min(MinTimeMs, other.MinTimeMs),
        Math.Max(MaxTimeMs, other.MaxTimeMs));
}

/// <summary>
/// The repairs at each step. The number that the message gives is upstream's: it merges what it has collected with itself at every further step,
/// so the count doubles from step to step (and wraps around).
/// </summary>
internal sealed class RepairedSteps(int steps)
{
    private readonly long[] _counts = new long[steps];
    private MonotonicityRepair? _all;

    public void Add(int step, MonotonicityRepair repair)
    {
        _counts[step]++;
        _all = _all?.With(repair) ?? repair;
    }

    public MonotonicityRepair Total()
    {
        long count = 0;
        foreach (long here in _counts) count = count == 0 ? here : unchecked(2 * (count + here));
        return _all! with { Count = count };
    }
}
