namespace Serverless.Access;

/// <summary>One condition of a form's policy, on a field or on the file's length.</summary>
internal abstract record PostCondition(string Text)
{
    /// <summary>A condition that holds for no form, such as one on what is no field.</summary>
    public sealed record Never(string Text) : PostCondition(Text);

    /// <summary>A field's value must be, or begin with, another.</summary>
    /// <param name="Field">The field's name, in any letter case.</param>
    public sealed record OnField(string Text, string Field, string Value, bool IsPrefix) : PostCondition(Text)
    {
        private const string ContentType = "content-type";

        /// <summary>A field that is not there meets no condition, also not the one that any value meets (recorded).</summary>
        public bool Holds(string? value)
        {
            if (value is null)
            {
                return false;
            }
            if (!IsPrefix)
            {
                return value == Value;
            }
            // A list of types, each of which must be allowed (sigv4-HTTPPOSTConstructPolicy.html).
            return Field.Equals(ContentType, StringComparison.OrdinalIgnoreCase)
                ? value.Split(',').All(type => type.Trim().StartsWith(Value, StringComparison.Ordinal))
                : value.StartsWith(Value, StringComparison.Ordinal);
        }
    }

    /// <summary>The file must have at least and at most so many bytes.</summary>
    public sealed record OnLength(string Text, long Least, long Most) : PostCondition(Text);
}
