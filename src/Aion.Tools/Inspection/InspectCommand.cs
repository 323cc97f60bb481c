using Aion.Blocks;
using Aion.Hosting;
using Aion.Model;
using Aion.ObjectStorage;

namespace Aion.Tools;

/// <summary><c>tools bucket inspect</c>: a table of the blocks.</summary>
internal static class InspectCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools bucket inspect", "Inspect all blocks in the bucket in a detailed, table-like way.", static flags => new Handles(flags), RunAsync);

    private static async Task RunAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        Labels selector = Selector(flags.Get(handles.Selector));
        IBucket bucket = await BucketGroup.OpenAsync(flags, context, cancellationToken);
        MetaFetchResult result = await handles.Timeout.RunAsync(
            flags, context, token => BlockFetch.RunAsync(bucket, [], context, token), cancellationToken);

        List<BlockMeta> rows = [.. result.Metas.Values.Where(meta => Matches(meta.Thanos.Labels, selector))];
        rows.Sort(BlockColumns.Order(flags.Get(handles.SortBy)));
        TextWriter output = context.Environment.Output;
        string[] header = [.. BlockColumns.All.Select(c => c.Name)];
        IReadOnlyList<string[]> cells = [.. rows.Select(BlockColumns.Cells)];
        switch (flags.Get(handles.Output))
        {
            case "csv":
                TextTable.WriteSeparated(output, ',', header, cells);
                break;
            case "tsv":
                TextTable.WriteSeparated(output, '\t', header, cells);
                break;
            default:
                TextTable.WriteMarkdown(output, header, cells);
                break;
        }
    }

    private static Labels Selector(IReadOnlyList<string> texts)
    {
        try
        {
            return LabelFlags.Parse(texts);
        }
        catch (ComponentException e)
        {
            throw new ComponentException($"error parsing selector flag: {e.Message}", e);
        }
    }

    private static bool Matches(Labels labels, Labels selector)
    {
        foreach (LabelPair wanted in selector)
            if (!labels.Has(wanted.Name) || !labels.ValueOf(wanted.Name).SequenceEqual(wanted.Value)) return false;
        return true;
    }

    private sealed class Handles(FlagSet flags)
    {
        public Flag<IReadOnlyList<string>> Selector { get; } = flags.Strings(
            "selector", "Only blocks with this external label; all given ones must match: -l 'a=\"1\"' -l 'b=\"2\"'.", @short: 'l', placeHolder: "<name>=\\\"<value>\\\"");

        public Flag<IReadOnlyList<string>> SortBy { get; } = flags.Enums(
            "sort-by", "Column to sort by; repeated, the next decides where the ones before are equal.", [.. BlockColumns.All.Select(c => c.Name)], ["FROM", "UNTIL"]);

        public TimeoutFlag Timeout { get; } = new(flags);

        public Flag<string> Output { get; } = flags.Enum("output", "Form of the output: table, csv or tsv.", ["table", "tsv", "csv"], "table");
    }
}
