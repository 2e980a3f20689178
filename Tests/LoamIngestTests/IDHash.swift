import LoamKernels
import LoamSchema

extension ID {
  static func hash(of text: String) -> ID {
    Array(text.utf8).withUnsafeBytes { loam_hash_bytes($0.baseAddress, $0.count) }
  }
}
