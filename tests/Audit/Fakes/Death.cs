namespace Serverless.Audit.Tests.Fakes;

/// <summary>Kills a process between two store calls: everything fails from a step on.</summary>
internal sealed class Death(int at)
{
    private readonly Lock gate = new();
    private int steps;

    public bool HasCome { get; private set; }

    public void Step()
    {
        lock (gate)
        {
            if (steps++ < at) return;
            HasCome = true;
            throw new IOException("Killed.");
        }
    }
}
