import ArgumentParser
import LoamExport
import LoamPack

/// What a pack alone is asked.
struct PackArguments: ParsableArguments {
  @Option(help: "Of a pack: how vectors are stored, f32, f16, bf16 or int8.")
  var dtype: String?
  @Option(help: "Of a pack: the Ed25519 private key, PEM, that signs it.", completion: .file())
  var sign: String?

  func validate(isPack: Bool) throws {
    if !isPack, dtype != nil || sign != nil { throw ValidationError("--dtype and --sign belong to --format pack") }
    if let dtype, PackType(dtype) == nil {
      throw ValidationError("--dtype must be \(Self.types), found '\(dtype)'")
    }
  }

  private static var types: String { PackType.allCases.map(\.name).joined(separator: ", ") }

  func options(name: String?, allowsNonfinite: Bool) throws -> PackOptions {
    PackOptions(
      name: name, type: dtype.flatMap { PackType($0) } ?? .f32, allowsNonfinite: allowsNonfinite,
      signingKey: try sign.map { try PackSigningKey(pem: try textFile($0)) })
  }
}
