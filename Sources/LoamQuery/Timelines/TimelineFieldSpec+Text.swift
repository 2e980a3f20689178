import LoamKernels
import LoamSchema
import LoamStore

extension TimelineFieldSpec {
  /// The bits of a value as it is written in files; `nil` where it is none of this field.
  ///
  /// - Parameter isString: of an ID field, whose texts are hashed then.
  public func bits(of text: String, isString: Bool) -> UInt64? {
    guard kind == .id else { return Float(text).map { UInt64($0.bitPattern) } }
    if isString {
      var text = text
      return text.withUTF8 { loam_hash_bytes($0.baseAddress, $0.count) }
    }
    guard let id = ID(text), id <= ID.largest else { return nil }
    return id
  }
}
