using Microsoft.Extensions.DependencyInjection;

namespace Serverless.Access.Tests;

public sealed class AccountPrincipalsTests
{
    [Theory]
    [InlineData("arn:aws:iam::123456789012:root", "123456789012")]
    [InlineData("arn:aws:iam::123456789012:user/Anna", "AIDAANNA")]
    [InlineData("arn:aws:iam::123456789012:user/a/b/Ben@x", "AIDABEN")]
    [InlineData("arn:aws:iam::123456789012:user/anna", null)]
    [InlineData("arn:aws:iam::123456789012:user/a/Anna", null)]
    [InlineData("arn:aws:iam::123456789012:user/Ben@x", null)]
    [InlineData("arn:aws:iam::123456789012:user/Carl", null)]
    [InlineData("arn:aws:iam::210987654321:user/Anna", null)]
    [InlineData("arn:aws:iam::210987654321:root", null)]
    [InlineData("arn:aws:iam::123456789012:role/Anna", null)]
    [InlineData("Anna", null)]
    [InlineData("", null)]
    public async Task An_ARN_names_the_root_or_a_user_that_is_there(string arn, string? id)
    {
        await using var world = new AccessWorld();
        await world.Store.TryCreateAsync(NewUser("Anna", "/", "AIDAANNA"), default);
        await world.Store.TryCreateAsync(NewUser("Ben@x", "/a/b/", "AIDABEN"), default);
        Assert.Equal(id, await PrincipalsOf(world).FindIdAsync(arn, default));
    }

    [Theory]
    [InlineData("arn:aws:iam::123456789012:user/")]
    [InlineData("arn:aws:iam::123456789012:user/An#na")]
    [InlineData("arn:aws:iam::123456789012:user/An\u0000na")]
    [InlineData("arn:aws:iam::123456789012:user/a2345678901234567890123456789012345678901234567890123456789012345")]
    public async Task What_cannot_be_a_name_is_not_looked_up(string arn)
    {
        await using var world = new AccessWorld();
        Assert.Null(await PrincipalsOf(world).FindIdAsync(arn, default));
        Assert.Empty(world.Store.Calls);
    }

    private static IPrincipals PrincipalsOf(AccessWorld world) => world.NewInstance().GetRequiredService<IPrincipals>();

    private static User NewUser(string name, string path, string id) =>
        new() { AccountId = AccessWorld.Account, Name = name, Path = path, Id = id, CreatedAt = DateTimeOffset.UnixEpoch };
}
