using System.Buffers;
using System.Text;
using Aion.Model;

namespace Aion.PromQL;

/// <summary>label_replace and label_join.</summary>
internal static class LabelFunctions
{
    /// <summary>A label name may be any text that is not empty and valid Unicode.</summary>
    public static bool IsValidName(string name)
    {
        if (name.Length == 0) return false;
        for (var i = 0; i < name.Length; i++)
        {
            if (!char.IsSurrogate(name[i])) continue;
            if (!char.IsHighSurrogate(name[i]) || i + 1 == name.Length || !char.IsLowSurrogate(name[i + 1])) return false;
            i++;
        }

        return true;
    }

    /// <param name="arguments">Destination, replacement, source, expression.</param>
    public static VectorOperator Replace(VectorOperator input, string[] arguments)
    {
        string destination = arguments[0], replacement = arguments[1], source = arguments[2], expression = arguments[3];
        ReplacingRegex regex;
        try
        {
            regex = ReplacingRegex.Parse(expression);
        }
        catch (FormatException)
        {
            throw PromQLException.Execution($"invalid regular expression in label_replace(): {expression}");
        }

        if (!IsValidName(destination)) throw PromQLException.Execution($"invalid destination label name in label_replace(): {destination}");
        byte[] sourceUtf8 = Encoding.UTF8.GetBytes(source);
        var template = RegexTemplate.Parse(replacement);
        return new LabelMapOperator(input, destination, labels =>
        {
            var expanded = new ArrayBufferWriter<byte>();
            return regex.TryExpand(labels.ValueOf(sourceUtf8), template, expanded) ? expanded.WrittenSpan.ToArray() : null;
        });
    }

    /// <param name="arguments">Destination, separator, sources.</param>
    public static VectorOperator Join(VectorOperator input, string[] arguments)
    {
        string destination = arguments[0];
        foreach (string source in arguments.AsSpan(2))
            if (!IsValidName(source)) throw PromQLException.Execution($"invalid source label name in label_join(): {source}");
        if (!IsValidName(destination)) throw PromQLException.Execution($"invalid destination label name in label_join(): {destination}");
        byte[] separator = Encoding.UTF8.GetBytes(arguments[1]);
        byte[][] sources = [.. arguments.Skip(2).Select(Encoding.UTF8.GetBytes)];
        return new LabelMapOperator(input, destination, labels =>
        {
            var joined = new MemoryStream();
            for (var i = 0; i < sources.Length; i++)
            {
                if (i > 0) joined.Write(separator);
                joined.Write(labels.ValueOf(sources[i]));
            }

            return joined.ToArray();
        });
    }
}

/// <summary>Gives a label of each series a new value, null leaving the series as it is. Series that become equal must not share a step.</summary>
internal sealed class LabelMapOperator(VectorOperator input, string destination, Func<Labels, byte[]?> value) : RowwiseOperator(input)
{
    private readonly byte[] _destination = Encoding.UTF8.GetBytes(destination);
    private readonly DuplicateGuard _guard = new();
    private readonly LabelsBuilder _builder = new();

    protected override bool Apply(Row row)
    {
        if (value(row.Labels) is { } replaced)
        {
            _builder.Reset(row.Labels);
            _builder.Set(_destination, replaced);
            row.Labels = _builder.ToLabels();
            // A name that the user wrote stays.
            if (destination == LabelNames.MetricName) row.DropName = false;
        }

        _guard.Check(row);
        return true;
    }
}
