using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire.Target;

public sealed class TargetPartsTests
{
    [Theory]
    [InlineData("/", "/", "", false)]
    [InlineData("/a/b", "/a/b", "", false)]
    [InlineData("/a?b", "/a", "b", false)]
    [InlineData("/?", "/", "", false)]
    [InlineData("/a?b?c", "/a", "b?c", false)]
    [InlineData("/a?b=http://c/d", "/a", "b=http://c/d", false)]
    [InlineData("//a://b", "//a://b", "", false)]
    [InlineData("http://a", "", "", true)]
    [InlineData("http://a/", "/", "", true)]
    [InlineData("http://a?b", "", "b", true)]
    [InlineData("https://a:443/b/c?d=/e", "/b/c", "d=/e", true)]
    [InlineData("*", "", "", false)]
    [InlineData("a:443", "", "", false)]
    [InlineData("[::1]:443", "", "", false)]
    [InlineData("", "", "", false)]
    public void Path_and_query_are_found_in_every_form(string target, string path, string query, bool isAbsolute)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(target);

        Assert.Equal(path, Encoding.ASCII.GetString(TargetParts.PathOf(bytes)));
        Assert.Equal(query, Encoding.ASCII.GetString(TargetParts.QueryOf(bytes)));
        Assert.Equal(isAbsolute, TargetParts.IsAbsolute(bytes));
    }
}
