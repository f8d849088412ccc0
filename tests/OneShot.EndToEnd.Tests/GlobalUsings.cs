global using OneShot.EndToEnd.Tests.Servers;
global using OneShot.EndToEnd.Tests.Tools;
