import COneDNN

/// Matrix products by oneDNN, each on the calling thread alone.
///
/// Parallelism belongs above the calls: oneDNN's own threads wait for each other, and lose most of their speed when the
/// machine is shared.
public enum OneDNN {
  /// `c = relu?(a · b + bias + (accumulating ? c : 0))`.
  ///
  /// Shapes: `a` `[rows, inner]`, `b` `[inner, columns]`, `bias` `[columns]`, `c` `[rows, columns]`, dense. `c` may
  /// overlap none of the others. With `bf16`, where `hasBF16`, factors are rounded to bf16 and sums are in f32. Any
  /// thread may call; the first call of a thread with a shape makes a primitive (about a millisecond), later ones reuse
  /// it.
  public static func multiply(
    _ a: Matrix, _ b: Matrix, bias: UnsafePointer<Float>? = nil, into c: UnsafeMutablePointer<Float>,
    accumulating: Bool = false, relu: Bool = false, bf16: Bool = false
  ) {
    precondition(a.columns == b.rows, "the inner axis of a is \(a.columns), of b \(b.rows)")
    precondition(a.rows > 0 && a.columns > 0 && b.columns > 0, "a product of an empty matrix")
    var product = loam_onednn_product(
      a: a.pointer, b: b.pointer, bias: bias, c: c, rows: Int64(a.rows), inner: Int64(a.columns),
      columns: Int64(b.columns), transpose_a: a.transposed, transpose_b: b.transposed, accumulate: accumulating,
      relu: relu, bf16: bf16)
    let status = loam_onednn_multiply(&product)
    precondition(
      status == 0,
      "oneDNN \(loadedVersion) refused [\(a.rows), \(a.columns)] · [\(b.rows), \(b.columns)]: status \(status)")
  }

  /// Whether this processor and the loaded library multiply in bf16: oneDNN 2 does so for f32 tensors on AMX.
  public static var hasBF16: Bool { loam_onednn_has_bf16() }

  /// Primitives that the calling thread has made so far: constant once it has seen every shape of a step.
  public static var primitivesMade: UInt64 { loam_onednn_primitives_made() }

  /// The version of the library that the process runs with.
  public static var loadedVersion: String { text(loam_onednn_loaded_version()) }

  /// Why the library that was loaded cannot be trusted, or nil: its interface changes with the major version.
  public static var versionProblem: String? {
    let (compiled, loaded) = (loam_onednn_compiled_version(), loam_onednn_loaded_version())
    if compiled.major == loaded.major, loaded.minor >= compiled.minor { return nil }
    return "built for oneDNN \(text(compiled)) or a later \(compiled.major).x, loaded \(text(loaded))"
  }

  private static func text(_ version: loam_onednn_version) -> String {
    "\(version.major).\(version.minor).\(version.patch)"
  }
}
