using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.Options;

namespace OneShot.AspNetCore.Tests.Hosting;

public class AddOneShotArenaTests
{
    [Fact]
    public void Without_configuration_the_defaults_hold()
    {
        using ServiceProvider services = new ServiceCollection().AddOneShotArena().BuildServiceProvider();

        ProcessArena process = services.GetRequiredService<ProcessArena>();
        Assert.Equal((64 << 20, ArenaReclamation.PerRequest), (process.Capacity, process.Reclamation));
    }

    [Fact]
    public void The_section_of_the_application_is_read()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(Configuration("OneShot:Capacity", "8MiB"))
            .AddOneShotArena()
            .BuildServiceProvider();

        Assert.Equal(8 << 20, services.GetRequiredService<ProcessArena>().Capacity);
    }

    [Fact]
    public void A_lambda_sets_options_on_top_of_what_was_added_before()
    {
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(Configuration("OneShot:Capacity", "8MiB"))
            .AddOneShotArena()
            .AddOneShotArena(options => options.BlockSize = 4096)
            .BuildServiceProvider();
        ProcessArena process = services.GetRequiredService<ProcessArena>();

        Assert.Equal((8 << 20, 4096), (process.Capacity, process.BlockSize));
    }

    [Theory]
    [InlineData("OneShot:Capacity", null)]
    [InlineData("Arena:Capacity", "Arena")]
    public void A_whole_configuration_and_a_section_of_any_name_are_both_taken(string key, string? section)
    {
        IConfiguration configuration = Configuration(key, "8MiB");
        using ServiceProvider services = new ServiceCollection()
            .AddOneShotArena(section is null ? configuration : configuration.GetSection(section))
            .BuildServiceProvider();

        Assert.Equal(8 << 20, services.GetRequiredService<ProcessArena>().Capacity);
    }

    [Fact]
    public void The_process_arena_is_one_and_ends_with_the_container()
    {
        ServiceProvider services = new ServiceCollection().AddOneShotArena().BuildServiceProvider();
        ProcessArena process = services.GetRequiredService<ProcessArena>();
        Assert.Same(process, services.CreateScope().ServiceProvider.GetRequiredService<ProcessArena>());

        services.Dispose();

        Assert.Throws<ObjectDisposedException>(() => process.CreateArena());
    }

    [Fact]
    public async Task A_bad_value_stops_the_start_with_its_message()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.Services.AddOneShotArena(options => options.BlockSize = 7);
        await using WebApplication app = builder.Build();
        app.UseOneShotArena();

        OptionsValidationException exception = await Assert.ThrowsAsync<OptionsValidationException>(
            () => app.StartAsync(TestContext.Current.CancellationToken));

        Assert.StartsWith("OneShot:BlockSize is 7 bytes: set ", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Using_the_arena_without_adding_it_says_what_to_call()
    {
        ApplicationBuilder app = new(new ServiceCollection().BuildServiceProvider());

        InvalidOperationException exception = Assert.Throws<InvalidOperationException>(() => app.UseOneShotArena());

        Assert.Contains("builder.Services.AddOneShotArena()", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_test_server_in_the_place_of_Kestrel_stays_what_it_is()
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder();
        builder.WebHost.UseTestServer();
        builder.WebHost.UseOneShotHttp1();
        builder.Services.AddOneShotArena();
        await using WebApplication app = builder.Build();

        Assert.IsType<TestServer>(app.Services.GetRequiredService<IServer>());
    }

    private static IConfiguration Configuration(string key, string value) =>
        new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create<string, string?>(key, value)]).Build();
}
