namespace Serverless.Encryption.Tests;

public class SecretKeyTests
{
    [Fact]
    public void Generated_keys_differ()
    {
        using SecretKey first = SecretKey.Generate(), second = SecretKey.Generate();
        Assert.Equal(SecretKey.Size, first.Bytes.Length);
        Assert.False(first.Bytes.SequenceEqual(second.Bytes));
    }

    [Fact]
    public void A_copy_is_independent_of_its_source()
    {
        byte[] source = Message.Plaintext(SecretKey.Size);
        using SecretKey key = SecretKey.Copy(source);
        Assert.True(key.Bytes.SequenceEqual(source));
        Array.Clear(source);
        Assert.False(key.Bytes.SequenceEqual(source));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_of_another_size_is_misuse(int size) => Assert.Throws<ArgumentException>(() => SecretKey.Copy(new byte[size]));

    [Theory]
    [InlineData(28)]
    [InlineData(48)]
    [InlineData(64)]
    public void A_key_that_authenticates_has_the_size_of_its_hash(int size)
    {
        using SecretKey made = SecretKey.Generate(size), copy = SecretKey.CopyAnySize(made.Bytes);
        Assert.Equal(size, made.Bytes.Length);
        Assert.True(made.Bytes.SequenceEqual(copy.Bytes));
    }

    [Theory]
    [InlineData(27)]
    [InlineData(65)]
    public void There_are_no_shorter_and_no_longer_keys(int size)
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => SecretKey.Generate(size));
        Assert.Throws<ArgumentException>(() => SecretKey.CopyAnySize(new byte[size]));
    }

    [Fact]
    public void Disposing_zeroes_the_key()
    {
        SecretKey key = SecretKey.Copy(Message.InputKey);
        ReadOnlySpan<byte> bytes = key.Bytes;
        key.Dispose();
        key.Dispose();

        Assert.True(bytes.SequenceEqual(new byte[SecretKey.Size]));
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
    }

    [Fact]
    public void A_key_does_not_show_itself()
    {
        using SecretKey key = SecretKey.Copy(Message.InputKey);
        Assert.Equal(typeof(SecretKey).FullName, key.ToString());
    }
}
