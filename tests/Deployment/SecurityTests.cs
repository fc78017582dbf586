using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Serverless.Deployment.Tests;

/// <summary>What a deployment promises, read in the compiled template.</summary>
public sealed partial class SecurityTests(CompiledTemplate template) : IClassFixture<CompiledTemplate>
{
    [SkippableFact]
    public void The_storage_account_takes_no_shared_key_nothing_but_TLS_1_2_and_no_public_blob()
    {
        var properties = template.Single("Microsoft.Storage/storageAccounts")["properties"]!;

        Assert.False((bool)properties["allowSharedKeyAccess"]!);
        Assert.True((bool)properties["supportsHttpsTrafficOnly"]!);
        Assert.Equal("TLS1_2", (string?)properties["minimumTlsVersion"]);
        Assert.False((bool)properties["allowBlobPublicAccess"]!);
        Assert.False((bool)properties["allowCrossTenantReplication"]!);
    }

    /// <summary>A blob that comes back would bring back a wrapped data key of a version that was proved to be unreferenced.</summary>
    [SkippableFact]
    public void What_is_deleted_from_the_storage_account_is_gone()
    {
        var properties = template.Single("Microsoft.Storage/storageAccounts/blobServices")["properties"]!;

        Assert.False((bool)properties["deleteRetentionPolicy"]!["enabled"]!);
        Assert.False((bool)properties["containerDeleteRetentionPolicy"]!["enabled"]!);
        Assert.False((bool)properties["isVersioningEnabled"]!);
        Assert.False((bool)properties["restorePolicy"]!["enabled"]!);
    }

    /// <summary>Data of objects and of abandoned uploads are blobs of one container: only the app can tell them apart.</summary>
    [SkippableFact]
    public void No_lifecycle_rule_deletes_data() => Assert.Empty(template.OfType("Microsoft.Storage/storageAccounts/managementPolicies"));

    [SkippableFact]
    public void The_vault_knows_roles_only_and_nobody_can_purge_it()
    {
        var properties = template.Single("Microsoft.KeyVault/vaults")["properties"]!;

        Assert.True((bool)properties["enableRbacAuthorization"]!);
        Assert.True((bool)properties["enablePurgeProtection"]!);
        Assert.True((bool)properties["enableSoftDelete"]!);
        Assert.Equal(90, (int)properties["softDeleteRetentionInDays"]!);
    }

    [SkippableFact]
    public void The_root_key_wraps_and_signs_encrypts_nothing_else_and_cannot_be_exported()
    {
        var properties = template.Single("Microsoft.KeyVault/vaults/keys")["properties"]!;

        Assert.Equal(["sign", "unwrapKey", "verify", "wrapKey"], properties["keyOps"]!.AsArray().Select(operation => (string)operation!).Order());
        Assert.False((bool)properties["attributes"]!["exportable"]!);
        Assert.True((int)properties["keySize"]! >= 3072);
    }

    [SkippableFact]
    public void The_app_answers_over_https_only_and_takes_code_from_identities_only()
    {
        var properties = template.Single("Microsoft.Web/sites")["properties"]!;

        Assert.True((bool)properties["httpsOnly"]!);
        Assert.Equal("1.2", (string?)properties["siteConfig"]!["minTlsVersion"]);
        Assert.Equal("1.2", (string?)properties["siteConfig"]!["scmMinTlsVersion"]);
        Assert.Equal("Disabled", (string?)properties["siteConfig"]!["ftpsState"]);
        Assert.Equal("UserAssignedIdentity", (string?)properties["functionAppConfig"]!["deployment"]!["storage"]!["authentication"]!["type"]);
        var passwords = template.OfType("Microsoft.Web/sites/basicPublishingCredentialsPolicies").ToList();
        Assert.Equal(2, passwords.Count);
        Assert.All(passwords, policy => Assert.False((bool)policy["properties"]!["allow"]!));
    }

    [SkippableFact]
    public void Telemetry_comes_from_identities_only()
    {
        Assert.True((bool)template.Single("Microsoft.Insights/components")["properties"]!["DisableLocalAuth"]!);
        Assert.True((bool)template.Single("Microsoft.OperationalInsights/workspaces")["properties"]!["features"]!["disableLocalAuth"]!);
    }

    [SkippableFact]
    public void The_apps_identity_has_these_roles_and_no_others()
    {
        var storage = template.Module("storage");
        var roles = storage["variables"]!["roles"]!.AsObject().Select(role => (role.Key, Guid: (string)role.Value!)).ToList();

        Assert.Equal(
            [
                ("Storage Blob Data Contributor", "ba92f5b4-2d11-453d-a403-e96b0029c9fe"),
                ("Storage Queue Data Contributor", "974c5e8b-45b9-4653-ba55-5f855dd0fb88"),
                ("Storage Table Data Contributor", "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3"),
            ],
            roles);
        var assignments = template.OfType("Microsoft.Authorization/roleAssignments").ToList();
        // The three of the storage account are one loop.
        Assert.Equal(
            ["Key Vault Crypto User", "Key Vault Secrets User", "Monitoring Metrics Publisher", "[items(variables('roles'))[copyIndex()].key]"],
            assignments.Select(assignment => (string)assignment["properties"]!["description"]!).Order(StringComparer.Ordinal));
        // Of the vault, one key and one secret.
        Assert.All(assignments, assignment => Assert.Matches("'Microsoft.(Storage/storageAccounts|KeyVault/vaults/(keys|secrets)|Insights/components)'", (string)assignment["scope"]!));
    }

    [SkippableFact]
    public void No_secret_is_in_the_apps_settings()
    {
        var settings = Settings();

        Assert.StartsWith("[format('@Microsoft.KeyVault(SecretUri=", settings["Access__RootSecretAccessKey"], StringComparison.Ordinal);
        Assert.DoesNotContain("AzureWebJobsStorage", settings.Keys);
        Assert.DoesNotContain(settings, setting => SecretValue().IsMatch(setting.Value) && !setting.Value.Contains("KeyVault", StringComparison.Ordinal));
    }

    [SkippableFact]
    public void Parameters_that_are_secret_say_so()
    {
        foreach (var resource in template.Resources.Where(resource => (string?)resource["type"] == "Microsoft.Resources/deployments"))
        {
            foreach (var (name, parameter) in resource["properties"]!["template"]!["parameters"]!.AsObject())
            {
                if (name.Contains("SecretAccessKey", StringComparison.Ordinal)) Assert.Equal("securestring", (string?)parameter!["type"], ignoreCase: true);
            }
        }
    }

    /// <summary>Every setting that the app reads, so that none is left to a default that nobody has looked at.</summary>
    [SkippableFact]
    public void Every_setting_that_the_app_reads_is_set()
    {
        var set = Settings().Keys;

        Assert.Empty(AppSettings.Read().Except(set, StringComparer.OrdinalIgnoreCase).Except(AppSettings.OfOtherDeployments, StringComparer.OrdinalIgnoreCase));
        // And none that nobody reads.
        Assert.Empty(set.Except(AppSettings.Read(), StringComparer.OrdinalIgnoreCase).Except(AppSettings.OfTheHost, StringComparer.OrdinalIgnoreCase));
    }

    private Dictionary<string, string> Settings() =>
        template.Module("app")["variables"]!["ownSettings"]!.AsObject().ToDictionary(setting => setting.Key, setting => (string)setting.Value!);

    [GeneratedRegex("secret|password|AccountKey|SharedAccess|secure", RegexOptions.IgnoreCase)]
    private static partial Regex SecretValue();
}
