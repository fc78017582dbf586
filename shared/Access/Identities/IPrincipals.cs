namespace Serverless.Access;

/// <summary>Who exists in this account, for what names principals: key policies and grants.</summary>
public interface IPrincipals
{
    /// <summary>
    /// The unique id (<see cref="Principal.UserId"/>) of the principal with an ARN, <c>arn:aws:iam::ACCOUNT:root</c> or <c>arn:aws:iam::ACCOUNT:user/PATH/NAME</c>;
    /// null where there is none in this account.
    /// </summary>
    ValueTask<string?> FindIdAsync(string arn, CancellationToken cancellationToken);
}
