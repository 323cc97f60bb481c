using System.Globalization;
using System.Text;
using Aion.Blocks;
using Aion.Hosting;
using Aion.Rules;

namespace Aion.Tools;

/// <summary>The forms of <c>ls --output</c>.</summary>
internal static class LsOutput
{
    /// <summary>How to print a block.</summary>
    /// <exception cref="ComponentException">The form is a template that is not valid.</exception>
    public static Action<BlockMeta, TextWriter> Of(string form) => form switch
    {
        "" => static (meta, output) => Line(output, meta.Id.ToString()),
        "wide" => static (meta, output) => Line(output, Wide(meta)),
        "json" => static (meta, output) => output.Write(Encoding.UTF8.GetString(BlockMetaWriter.ToUtf8(meta))),
        _ => Template(form),
    };

    private static Action<BlockMeta, TextWriter> Template(string form)
    {
        try
        {
            GoTemplate template = GoTemplate.Parse("", form);
            return (meta, output) => Line(output, Filled(template, meta));
        }
        catch (TemplateException e)
        {
            throw new ComponentException("invalid template", e);
        }
    }

    private static string Filled(GoTemplate template, BlockMeta meta)
    {
        using StringWriter text = new(CultureInfo.InvariantCulture);
        try
        {
            template.Run(MetaTemplateValue.Of(meta), text, "**metadata.Meta");
        }
        catch (TemplateException e)
        {
            throw new ComponentException("execute template", e);
        }

        return text.ToString();
    }

    private static string Wide(BlockMeta meta) =>
        $"{meta.Id} -- {BlockText.Time(meta.MinTimeMs)} - {BlockText.Time(meta.MaxTimeMs)} Diff: {BlockText.Range(meta)}, "
        + $"Compaction: {meta.Compaction.Level}, Downsample: {meta.Thanos.ResolutionMs}, Source: {meta.Thanos.Source}";

    // One line end everywhere, whatever the platform's is.
    private static void Line(TextWriter output, string text) => output.Write(text + "\n");
}
