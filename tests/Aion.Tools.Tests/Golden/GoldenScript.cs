namespace Aion.Tools.Tests;

/// <summary>Brings a stage into the state that a recorded run started from.</summary>
internal static class GoldenScript
{
    private static readonly DateTime MonthsAgo = new(2026, 2, 1, 0, 0, 0, DateTimeKind.Utc);

    public static async Task PrepareAsync(GoldenStage stage, GoldenCase golden)
    {
        switch (golden.Number)
        {
            case 1:
                await stage.RunAsync(GoldenCase.All[0].Arguments);
                break;
            case >= 24 and <= 45:
                // One bucket for all of these. What the original did wrong (C11) is not repeated.
                foreach (GoldenCase earlier in GoldenCase.All.Where(c => c.Number >= 24 && c.Number < golden.Number && c.Name.StartsWith("mark", StringComparison.Ordinal)))
                    await stage.RunAsync(earlier.Arguments);
                break;
            case >= 46 and <= 52:
                Damage(stage, golden.Number);
                break;
            case >= 53 and <= 55:
                stage.Duplicate("A0");
                break;
        }

        foreach (IReadOnlyList<string> run in golden.Before) await stage.RunAsync(run);
        if (golden.Name == "cleanup with mark, delay 1s") stage.Time.Advance(TimeSpan.FromSeconds(2));
        if (golden.Name == "cleanup old partial")
        {
            File.Delete(Path.Combine(stage.Block("A1"), "meta.json"));
            foreach (string file in Directory.EnumerateFiles(stage.Block("A1"), "*", SearchOption.AllDirectories)) File.SetLastWriteTimeUtc(file, MonthsAgo);
        }
    }

    private static void Damage(GoldenStage stage, int number)
    {
        string index = Path.Combine(stage.Block("A0"), "index"), meta = Path.Combine(stage.Block("A0"), "meta.json");
        GoldenStage.FlipBit(index, 200);
        if (number >= 47) File.Delete(index);
        if (number >= 48) File.Delete(meta);
        if (number >= 49) File.WriteAllText(Path.Combine(stage.Block("A1"), "meta.json"), "not json");
    }
}
