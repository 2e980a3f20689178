/// What an export holds besides the dense tensors, the golden requests, the manifest and the model card.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// A file for each embedding table.
  case safetensors
  /// The model as a graph that other programs run.
  case onnx
}
