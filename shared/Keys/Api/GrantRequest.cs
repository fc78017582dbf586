using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Serverless.Access;
using Serverless.Encryption;

namespace Serverless.Keys;

/// <summary>What grant a CreateGrant request asks for (https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateGrant.html).</summary>
/// <param name="Name">What a repeated request is recognized by, or null.</param>
/// <param name="Grantee">An ARN.</param>
/// <param name="Retiring">An ARN, or null.</param>
/// <param name="Operations">Each once, in ordinal order.</param>
/// <param name="Constraint">The constraint, or null.</param>
internal sealed partial record GrantRequest(string? Name, string Grantee, string? Retiring, IReadOnlyList<string> Operations, GrantConstraint? Constraint)
{
    private const int MaxLength = 256;
    private const int MaxIdLength = 128;
    private const int MaxPairs = 8;
    private const int MaxPairLength = 384;
    private const string NamePattern = "^[a-zA-Z0-9:/_-]+$";
    private const string PrincipalPattern = @"^[\w+=,.@:/-]+$";

    /// <summary>Reads and notes it.</summary>
    /// <exception cref="KmsException">It is not of the API's shape.</exception>
    public static GrantRequest Read(KmsRequest request, KmsCall call)
    {
        string grantee = Principal(request, "GranteePrincipal") ?? throw new KmsException(KmsErrors.Missing("granteePrincipal"));
        var read = new GrantRequest(ReadName(request), grantee, Principal(request, "RetiringPrincipal"), ReadOperations(request), ReadConstraint(request));
        call.Note("name", read.Name);
        call.Note("granteePrincipal", read.Grantee);
        call.Note("retiringPrincipal", read.Retiring);
        call.Parameters["operations"] = new JsonArray([.. read.Operations]);
        if (read.Constraint is { } constraint)
        {
            call.Parameters["constraints"] = new JsonObject { [JsonNamingPolicy.CamelCase.ConvertName(constraint.Type.ToString())] = constraint.Context.ToJson() };
            call.Context = constraint.Context;
        }

        call.Condition("kms:GranteePrincipal", read.Grantee);
        call.Condition("kms:RetiringPrincipal", read.Retiring);
        call.Condition("kms:GrantConstraintType", read.Constraint?.Type.ToString());
        call.Condition("kms:GrantOperations", [.. read.Operations]);
        return read;
    }

    /// <summary>A principal's ARN, or null; an account may be named by its digits.</summary>
    /// <exception cref="KmsException">It cannot be a principal's.</exception>
    public static string? Principal(KmsRequest request, string member)
    {
        if (request.Text(member, MaxLength, minLength: 1) is not { } text)
        {
            return null;
        }

        return PrincipalCharacters().IsMatch(text) ? PrincipalName.ArnOf(text)
            : throw new KmsException(KmsErrors.Pattern(text, JsonNamingPolicy.CamelCase.ConvertName(member), PrincipalPattern));
    }

    /// <summary>The member <c>GrantId</c>, or null.</summary>
    /// <exception cref="KmsException">It cannot be a grant's.</exception>
    public static string? Id(KmsRequest request)
    {
        string? id = request.Text("GrantId", MaxIdLength, minLength: 1);
        return id is null || IsId(id) ? id : throw new KmsException(KmsErrors.InvalidGrantId);
    }

    /// <summary>Whether a text has the form of a grant's id.</summary>
    public static bool IsId(string text) => IdPattern().IsMatch(text);

    /// <summary>What the grant is known by when the request is repeated: every property, or null without a name.</summary>
    public string? FingerprintOf(GrantPrincipal grantee, GrantPrincipal? retiring)
    {
        if (Name is null)
        {
            return null;
        }

        string?[] properties =
        [
            Name, grantee.Arn, grantee.Id, retiring?.Arn, retiring?.Id, string.Join(' ', Operations),
            Constraint?.Type.ToString(), Constraint is null ? null : Convert.ToBase64String(Constraint.Context.ToCanonical()),
        ];
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(properties)));
    }

    private static string? ReadName(KmsRequest request)
    {
        string? name = request.Text("Name", MaxLength, minLength: 1);
        return name is null || NameCharacters().IsMatch(name) ? name
            : throw new KmsException(KmsErrors.Pattern(name, "name", NamePattern));
    }

    private static string[] ReadOperations(KmsRequest request)
    {
        IReadOnlyList<string> operations = request.Texts("Operations") ?? throw new KmsException(KmsErrors.Missing("operations"));
        return operations.Count == 0 ? throw new KmsException(KmsErrors.Validation("A grant must allow at least one operation."))
            : operations.Except(GrantRules.Operations).Any() ? throw new KmsException(KmsErrors.Constraint(
                $"[{string.Join(", ", operations)}]", "operations",
                $"Member must satisfy constraint: [Member must satisfy enum value set: [{string.Join(", ", GrantRules.Operations)}]]"))
            : [.. operations.Distinct().Order(StringComparer.Ordinal)];
    }

    private static GrantConstraint? ReadConstraint(KmsRequest request)
    {
        GrantConstraint? read = null;
        foreach (GrantConstraintType type in request.Members("Constraints") is null ? [] : Enum.GetValues<GrantConstraintType>())
        {
            EncryptionContext context = request.Members("Constraints")!.Value.EncryptionContext(type.ToString());
            if (context.Pairs.Count == 0)
            {
                continue;
            }

            if (context.Pairs.Count > MaxPairs || context.Pairs.Any(pair => pair.Key.Length is 0 or > MaxPairLength || pair.Value.Length > MaxPairLength))
            {
                throw new KmsException(KmsErrors.Validation(
                    $"A grant constraint has at most {MaxPairs} encryption context pairs, whose keys and values have at most {MaxPairLength} characters each."));
            }

            read = read is null ? new(type, context)
                : throw new KmsException(KmsErrors.Validation("A grant has one constraint: EncryptionContextEquals or EncryptionContextSubset, not both."));
        }

        return read;
    }

    [GeneratedRegex("^[0-9a-f]{64}\\z", RegexOptions.CultureInvariant)]
    private static partial Regex IdPattern();

    [GeneratedRegex("^[a-zA-Z0-9:/_-]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameCharacters();

    [GeneratedRegex("^[a-zA-Z0-9_+=,.@:/-]+\\z", RegexOptions.CultureInvariant)]
    private static partial Regex PrincipalCharacters();
}
