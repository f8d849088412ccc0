using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire.Fields;

public sealed class JsonMediaTypeTests
{
    [Theory]
    [InlineData("application/json")]
    [InlineData("APPLICATION/Json")]
    [InlineData(" application/json ")]
    [InlineData("application/json;charset=utf-8")]
    [InlineData("application/json ;\tcharset=UTF-8")]
    [InlineData("application/json; charset=\"utf-8\"")]
    [InlineData("application/json;")]
    [InlineData("application/json;;")]
    [InlineData("application/json; q=\"a;b=c\\\"\"; charset=utf-8")]
    [InlineData("application/vnd.api+json")]
    [InlineData("image/x+JSON")]
    public void JSON_in_UTF_8_is_told_by(string type) => Assert.True(JsonMediaType.IsJson(type));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(";")]
    [InlineData("json")]
    [InlineData("/json")]
    [InlineData("application/")]
    [InlineData("application/jso")]
    [InlineData("application/jsonx")]
    [InlineData("application/+json")]
    [InlineData("text/json")]
    [InlineData("text/plain")]
    [InlineData("application/json/json")]
    [InlineData("application/json charset=utf-8")]
    [InlineData("application/json;charset=utf-16")]
    [InlineData("application/json;charset=\"utf-16\"")]
    [InlineData("application/json;charset=")]
    [InlineData("application/json;charset=\"")]
    [InlineData("application/json;charset=\"utf-8")]
    [InlineData("application/json;charset=\"utf-8\\\"")]
    [InlineData("application/json;charset")]
    [InlineData("application/json;=utf-8")]
    [InlineData("application/json;charset =utf-8")]
    [InlineData("application/json;a=\"b\"c")]
    [InlineData("application/json;charset=utf-8;charset=utf-16")]
    [InlineData("application/json, text/plain")]
    public void Nothing_else_is(string? type) => Assert.False(JsonMediaType.IsJson(type));
}
