import ArgumentParser
import LoamExport
import LoamPack

/// What a pack alone is asked.
struct PackArguments: ParsableArguments {
  @Option(help: "Of a pack: the Ed25519 private key, PEM, that signs it.", completion: .file())
  var sign: String?

  func validate(isPack: Bool) throws {
    if !isPack, sign != nil { throw ValidationError("--sign belongs to --format pack") }
  }

  func options(name: String?, type: RowForm, allowsNonfinite: Bool) throws -> PackOptions {
    PackOptions(
      name: name, type: PackType(type.rawValue) ?? .f32, allowsNonfinite: allowsNonfinite,
      signingKey: try sign.map { try PackSigningKey(pem: try textFile($0)) })
  }
}
