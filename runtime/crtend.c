/* Comes last among an executable's or library's objects: closes the tables that other objects add to. */
__attribute__((section(".eh_frame"), used, aligned(4))) static const int eh_frame_end = 0;

void *__TMC_END__[0] __attribute__((section(".tm_clone_table"), visibility("hidden"), aligned(8)));
