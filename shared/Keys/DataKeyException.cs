namespace Serverless.Keys;

/// <summary>A data key does not open under the master key. One message: why it failed is nobody's business.</summary>
public sealed class DataKeyException : Exception
{
    public DataKeyException() : base("The wrapped data key does not open.") { }
}
