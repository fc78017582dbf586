using Serverless.Benchmarks.Floor;
using Serverless.Benchmarks.Rewrap;

namespace Serverless.Benchmarks.Programs;

/// <summary>What this executable is when it was started by itself: one of the programs that are measured.</summary>
internal static class Roles
{
    public const string Floor = "as-floor";
    public const string Service = "as-service";
    public const string Rewrap = "as-rewrap";

    /// <summary>Plays the role that the command line names until standard input ends; false where it names none.</summary>
    public static async Task<bool> TryRunAsync(string[] arguments)
    {
        if (arguments is [Rewrap, ..])
        {
            await RewrapProgram.RunAsync(arguments[1..]);
            return true;
        }
        if (arguments is not [Floor or Service, ..]) return false;
        UsageReport.AnswerOnConsole();
        if (arguments[0] == Floor) await FloorProgram.RunAsync(arguments[1..]);
        else ServiceProgram.Run(arguments[1..]);
        return true;
    }
}
