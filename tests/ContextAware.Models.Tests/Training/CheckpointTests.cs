using ContextAware.Interop;
using ContextAware.Models.Training;
using ContextAware.Testing;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("checkpoint").FullName;

    private string FilePath => Path.Combine(folder, "model.safetensors");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_model_comes_back_with_its_settings_bit_by_bit()
    {
        using var scope = NewDisposeScope();
        using var saved = Models.Small();
        using var loaded = Models.Small();
        Checkpoint.Save(FilePath, saved, "{\"a\":1}");
        Checkpoint.LoadWeights(FilePath, loaded);
        Assert.Equal("{\"a\":1}", Checkpoint.ReadSettings(FilePath));
        var weights = loaded.state_dict();
        foreach (var (name, value) in saved.state_dict()) TensorAssert.Equal(value, weights[name], name);
        Assert.Equal(["model.safetensors"], Directory.GetFiles(folder).Select(Path.GetFileName));
    }

    [Fact]
    public void Another_shape_is_refused_and_nothing_is_loaded()
    {
        using var scope = NewDisposeScope();
        using var saved = Models.Small(width: 16);
        using var other = Models.Small(width: 12);
        Checkpoint.Save(FilePath, saved, "");
        var before = other.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.clone());
        var error = Assert.Throws<StateDictException>(() => Checkpoint.LoadWeights(FilePath, other));
        Assert.Contains("encoder.rnn.weight_ih_l0", error.Message);
        foreach (var (name, value) in other.state_dict()) TensorAssert.Equal(before[name], value, name);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_refused()
    {
        using var model = Models.Small();
        Checkpoint.Save(FilePath, model, "settings");
        var whole = File.ReadAllBytes(FilePath);
        foreach (var length in new[] { 0, 5, 8, 100, whole.Length / 2, whole.Length - 1 })
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            Assert.Throws<SafetensorsException>(() => Checkpoint.LoadWeights(FilePath, model));
        }
    }

    [Fact]
    public void Weights_without_settings_are_told_apart()
    {
        using var model = Models.Small();
        model.SaveWeights(FilePath);
        Assert.Contains("no settings", Assert.Throws<InvalidDataException>(() => Checkpoint.ReadSettings(FilePath)).Message);
    }
}
