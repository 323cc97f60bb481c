using Aion.Hosting;
using Aion.PromQL;
using Aion.Rules;
using Microsoft.Extensions.Logging;

namespace Aion.Tools;

/// <summary><c>tools rules-check</c>: reads rule files as the ruler would.</summary>
internal static class RulesCheckCommand
{
    public static ComponentDefinition Definition { get; } = ComponentDefinition.Create(
        "tools rules-check", "Check whether rule files are valid, as the ruler reads them.", static flags => new Handles(flags), RunAsync);

    private static async Task RunAsync(
        Handles handles, ParsedFlags flags, ComponentContext context, RunGroup group, CancellationToken cancellationToken)
    {
        List<string> errors = [];
        foreach (string pattern in flags.Get(handles.Rules))
        {
            context.Logger.Info("checking", [("pattern", pattern)]);
            IReadOnlyList<string> files = FileGlob.Find(pattern);
            if (files.Count == 0)
            {
                context.Logger.Error(null, [("result", "FAILED"), ("error", "matching file not found")]);
                errors.Add($"{pattern}: matching file not found");
            }

            foreach (string file in files) await CheckAsync(file, errors, context.Logger, cancellationToken);
        }

        if (errors.Count == 1) throw new ComponentException(errors[0]);
        if (errors.Count > 1) throw new ComponentException($"{errors.Count} errors: {string.Join("; ", errors)}");
    }

    private static async Task CheckAsync(string path, List<string> errors, ILogger logger, CancellationToken cancellationToken)
    {
        logger.Info("checking", [("filename", path)]);
        List<string> wrong = [];
        RuleFile? file = null;
        try
        {
            file = RuleFileParser.Parse(await File.ReadAllTextAsync(path, cancellationToken), ParserOptions.Default);
            wrong.AddRange(file.Errors.Select(e => e.ToString()));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            wrong.Add(e.Message);
        }

        foreach (RuleFileProblem problem in file?.Problems.Where(p => !p.IsError) ?? [])
            logger.Warn(problem.ToString(), [("filename", path)]);
        if (wrong.Count == 0)
        {
            logger.Info(null, [("result", "SUCCESS"), ("rules found", file!.RuleCount)]);
            return;
        }

        logger.Error(null, [("result", "FAILED")]);
        foreach (string error in wrong) logger.Error(null, [("error", error)]);
        errors.AddRange(wrong.Select(error => $"{path}: {error}"));
    }

    private sealed class Handles(FlagSet flags)
    {
        public Flag<IReadOnlyList<string>> Rules { get; } = flags.Strings(
            "rules", "Rule files: paths with * ? and [] (repeated). A pattern that finds nothing is an error.", required: true);
    }
}
