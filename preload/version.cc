// The version, as a string that `clusterbind` finds in the library's file.
namespace clusterbind {
namespace {

[[gnu::used, gnu::retain]] constexpr char version_text[] = "libclusterbind " CLUSTERBIND_VERSION;

}  // namespace
}  // namespace clusterbind
