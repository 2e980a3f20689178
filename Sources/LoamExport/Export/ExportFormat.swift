/// What an export holds besides the dense tensors, the golden requests, the manifest and the model card.
public enum ExportFormat: String, Sendable, CaseIterable {
  /// A file for each embedding table.
  case safetensors
  /// The embedding tables as NumPy's arrays, as Arrow files, as CSV and as JSON lines: f32, each table whole.
  case numpy, arrow, csv, jsonl
  /// The model as a graph that other programs run.
  case onnx
}
