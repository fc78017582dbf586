namespace Serverless.Access;

/// <summary>
/// What a form may hold, as whoever signed it has decided (https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html). The names of fields and operations are
/// taken in any letter case, values as they are.
/// </summary>
public sealed class PostPolicy
{
    private const string BucketField = "bucket";
    private const string IgnoredPrefix = "x-ignore-";

    private readonly DateTimeOffset expiration;
    private readonly IReadOnlyList<PostCondition> conditions;

    private PostPolicy(DateTimeOffset expiration, IReadOnlyList<PostCondition> conditions) => (this.expiration, this.conditions) = (expiration, conditions);

    /// <summary>The least that the file may have, in bytes.</summary>
    public long LeastLength => Lengths.Select(length => length.Least).DefaultIfEmpty(0).Max();

    /// <summary>The most that the file may have, in bytes.</summary>
    public long MostLength => Lengths.Select(length => length.Most).DefaultIfEmpty(long.MaxValue).Min();

    private IEnumerable<PostCondition.OnLength> Lengths => conditions.OfType<PostCondition.OnLength>();

    /// <param name="encoded">The form's field, base64.</param>
    /// <exception cref="AccessException">InvalidPolicyDocument.</exception>
    public static PostPolicy Parse(string encoded)
    {
        var (expiration, conditions) = PostPolicyReader.Read(encoded);
        return new(expiration, conditions);
    }

    /// <summary>Judges a form, but for its file's length.</summary>
    /// <param name="fields">The fields, with the file's name in its place.</param>
    /// <param name="bucket">The bucket that the form is posted to, whatever a field of that name says.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="AccessException">AccessDenied: the policy has expired, a condition does not hold, or there is a field that none is about.</exception>
    public void Judge(FormFields fields, string bucket, DateTimeOffset now)
    {
        if (now >= expiration)
        {
            throw new AccessException(FormErrors.PolicyExpired);
        }
        var covered = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var condition in conditions)
        {
            if (condition is PostCondition.OnField onField)
            {
                covered.Add(onField.Field);
            }
            if (condition is PostCondition.Never || (condition is PostCondition.OnField on && !on.Holds(IsBucket(on.Field) ? bucket : fields.Find(on.Field))))
            {
                throw new AccessException(FormErrors.ConditionFailed(condition.Text));
            }
        }
        var extra = fields.Select(field => field.Key).Where(name => !IsBucket(name)).Append(BucketField).Where(name => !covered.Contains(name) && !IsExempt(name)).ToList();
        if (extra.Count > 0)
        {
            throw new AccessException(FormErrors.ExtraFields(extra));
        }
    }

    private static bool IsBucket(string field) => field.Equals(BucketField, StringComparison.OrdinalIgnoreCase);

    private static bool IsExempt(string field) =>
        field.Equals(FormAuthenticator.PolicyField, StringComparison.OrdinalIgnoreCase)
        || field.Equals(FormAuthenticator.SignatureField, StringComparison.OrdinalIgnoreCase)
        || field.StartsWith(IgnoredPrefix, StringComparison.OrdinalIgnoreCase);
}
