/*
 * The unwinder of the Itanium C++ ABI ("Exception Handling", level I) over DWARF call frame information (DWARF 5, 6.4; LSB Core,
 * "Exception Frames"). Frames are found through each module's .eh_frame_hdr (dl_iterate_phdr), and through objects that programs
 * register with __register_frame_info.
 *
 * A context holds, for one frame, where each callee's register was saved, the CFA and the return address. unwind_step turns it into
 * the caller's. Getting the machine's registers at the start and loading them at the end is the target's file (x86_64/context.S).
 */
#define _GNU_SOURCE
#include <link.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unwind.h>

#define HIDDEN __attribute__((visibility("hidden")))

/* Registers by DWARF number; the last is the return address. */
#if defined __x86_64__
#define REGISTERS 17
#define STACK_POINTER 7
#else
#error "the unwinder has no register table for this target"
#endif

typedef uintptr_t word;

/* What context.S saves and loads: the machine's registers by DWARF number, with the return address. */
struct machine_state {
    word registers[REGISTERS];
};

struct _Unwind_Context {
    word values[REGISTERS];   /* the register's value in this frame */
    word *places[REGISTERS];  /* where it was saved; 0: values holds it */
    word cfa;
    word ip;
    word function_start;
    word lsda;
    _Unwind_Personality_Fn personality;
    word text_base, data_base;
    int is_signal_frame;
};

extern void HIDDEN __kiln_load_state(const struct machine_state *state) __attribute__((noreturn));

/* Pointers in exception tables (LSB Core, "DWARF Exception Header Encoding"). */
enum {
    PE_OMIT = 0xff,
    PE_ABSOLUTE = 0x00,
    PE_ULEB128 = 0x01,
    PE_UDATA2 = 0x02,
    PE_UDATA4 = 0x03,
    PE_UDATA8 = 0x04,
    PE_SLEB128 = 0x09,
    PE_SDATA2 = 0x0a,
    PE_SDATA4 = 0x0b,
    PE_SDATA8 = 0x0c,
    PE_PCREL = 0x10,
    PE_TEXTREL = 0x20,
    PE_DATAREL = 0x30,
    PE_FUNCREL = 0x40,
    PE_ALIGNED = 0x50,
    PE_INDIRECT = 0x80
};

struct reader {
    const unsigned char *at, *end;
};

static word read_bytes(struct reader *reader, unsigned size)
{
    word value = 0;
    memcpy(&value, reader->at, size);
    reader->at += size;
    return value;
}

static word read_uleb(struct reader *reader)
{
    word value = 0;
    unsigned shift = 0, byte;
    do {
        byte = *reader->at++;
        if (shift < 8 * sizeof value)
            value |= (word)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    return value;
}

static intptr_t read_sleb(struct reader *reader)
{
    word value = 0;
    unsigned shift = 0, byte;
    do {
        byte = *reader->at++;
        if (shift < 8 * sizeof value)
            value |= (word)(byte & 0x7f) << shift;
        shift += 7;
    } while (byte & 0x80);
    if (shift < 8 * sizeof value && (byte & 0x40))
        value |= -((word)1 << shift);
    return value;
}

struct bases {
    word text, data, function;
};

static word read_pointer(struct reader *reader, unsigned encoding, const struct bases *bases)
{
    word start = (word)reader->at, value;
    if (encoding == PE_OMIT)
        return 0;
    if (encoding == PE_ALIGNED) {
        reader->at = (const unsigned char *)((start + sizeof(word) - 1) & -sizeof(word));
        return read_bytes(reader, sizeof(word));
    }
    switch (encoding & 0x0f) {
    case PE_ABSOLUTE:
    case 0x08:
        value = read_bytes(reader, sizeof(word));
        break;
    case PE_ULEB128:
        value = read_uleb(reader);
        break;
    case PE_SLEB128:
        value = read_sleb(reader);
        break;
    case PE_UDATA2:
        value = read_bytes(reader, 2);
        break;
    case PE_SDATA2:
        value = (word)(intptr_t)(int16_t)read_bytes(reader, 2);
        break;
    case PE_UDATA4:
        value = read_bytes(reader, 4);
        break;
    case PE_SDATA4:
        value = (word)(intptr_t)(int32_t)read_bytes(reader, 4);
        break;
    case PE_UDATA8:
    case PE_SDATA8:
        value = read_bytes(reader, 8);
        break;
    default:
        __builtin_trap();
    }
    if (value == 0)
        return 0;
    switch (encoding & 0x70) {
    case PE_PCREL:
        value += start;
        break;
    case PE_TEXTREL:
        value += bases->text;
        break;
    case PE_DATAREL:
        value += bases->data;
        break;
    case PE_FUNCREL:
        value += bases->function;
        break;
    }
    return encoding & PE_INDIRECT ? *(word *)value : value;
}

/* A frame description with its common part, both parsed. */
struct frame_description {
    word start, size, lsda;
    const unsigned char *cie_program, *cie_end, *program, *end;
    word code_alignment;
    intptr_t data_alignment;
    unsigned return_register;
    _Unwind_Personality_Fn personality;
    int is_signal_frame;
};

/* Length of an entry whose first byte is at *at, which moves to its contents; 0 ends the section. */
static word entry_length(const unsigned char **at)
{
    uint32_t length;
    memcpy(&length, *at, 4);
    *at += 4;
    if (length != 0xffffffff)
        return length;
    uint64_t long_length;
    memcpy(&long_length, *at, 8);
    *at += 8;
    return long_length;
}

static const unsigned char *cie_of(const unsigned char *id_field)
{
    uint32_t distance;
    memcpy(&distance, id_field, 4);
    return id_field - distance;
}

struct cie_facts {
    unsigned pointer_encoding, lsda_encoding;
    int has_augmentation;
};

static int parse_cie(const unsigned char *cie, struct frame_description *out, struct cie_facts *facts, const struct bases *bases)
{
    const unsigned char *at = cie;
    word length = entry_length(&at);
    out->cie_end = at + length;
    struct reader reader = { at + 4, out->cie_end };
    unsigned version = *reader.at++;
    const char *augmentation = (const char *)reader.at;
    reader.at += strlen(augmentation) + 1;
    if (version >= 4)
        reader.at += 2; /* address and segment sizes */
    out->code_alignment = read_uleb(&reader);
    out->data_alignment = read_sleb(&reader);
    out->return_register = version == 1 ? *reader.at++ : read_uleb(&reader);
    out->personality = 0;
    out->is_signal_frame = 0;
    facts->pointer_encoding = PE_ABSOLUTE;
    facts->lsda_encoding = PE_OMIT;
    facts->has_augmentation = *augmentation == 'z';
    if (*augmentation == 'z') {
        word size = read_uleb(&reader);
        const unsigned char *program = reader.at + size;
        while (*++augmentation) {
            switch (*augmentation) {
            case 'R':
                facts->pointer_encoding = *reader.at++;
                break;
            case 'L':
                facts->lsda_encoding = *reader.at++;
                break;
            case 'P': {
                unsigned encoding = *reader.at++;
                out->personality = (_Unwind_Personality_Fn)read_pointer(&reader, encoding, bases);
                break;
            }
            case 'S':
                out->is_signal_frame = 1;
                break;
            case 'B':
                break;
            default:
                goto known; /* the size says where the program begins */
            }
        }
    known:
        reader.at = program;
    } else if (*augmentation) {
        return 0;
    }
    out->cie_program = reader.at;
    return 1;
}

/* Parses the description at fde (its length field); tells whether it covers pc. */
static int parse_fde(const unsigned char *fde, word pc, struct frame_description *out, const struct bases *bases)
{
    const unsigned char *at = fde;
    word length = entry_length(&at);
    struct cie_facts facts;
    out->end = at + length;
    if (!parse_cie(cie_of(at), out, &facts, bases))
        return 0;
    struct reader reader = { at + 4, out->end };
    out->start = read_pointer(&reader, facts.pointer_encoding, bases);
    out->size = read_pointer(&reader, facts.pointer_encoding & 0x0f, bases);
    if (pc - out->start >= out->size)
        return 0;
    out->lsda = 0;
    if (facts.has_augmentation) {
        word size = read_uleb(&reader);
        const unsigned char *program = reader.at + size;
        if (facts.lsda_encoding != PE_OMIT) {
            struct bases own = *bases;
            own.function = out->start;
            out->lsda = read_pointer(&reader, facts.lsda_encoding, &own);
        }
        reader.at = program;
    }
    out->program = reader.at;
    return 1;
}

/* Frames that a program registered itself. */
struct object {
    const unsigned char *begin;
    struct object *next;
    word text_base, data_base;
};

static struct object *registered;
static int registry_lock;

static void lock_registry(void)
{
    while (__atomic_exchange_n(&registry_lock, 1, __ATOMIC_ACQUIRE))
        ;
}

static void unlock_registry(void)
{
    __atomic_store_n(&registry_lock, 0, __ATOMIC_RELEASE);
}

void __register_frame_info_bases(const void *begin, struct object *object, void *text_base, void *data_base)
{
    if (begin == 0 || *(const uint32_t *)begin == 0)
        return;
    object->begin = begin;
    object->text_base = (word)text_base;
    object->data_base = (word)data_base;
    lock_registry();
    object->next = registered;
    registered = object;
    unlock_registry();
}

void __register_frame_info(const void *begin, struct object *object)
{
    __register_frame_info_bases(begin, object, 0, 0);
}

void *__deregister_frame_info_bases(const void *begin)
{
    struct object *found = 0;
    lock_registry();
    for (struct object **link = &registered; *link; link = &(*link)->next) {
        if ((*link)->begin == begin) {
            found = *link;
            *link = found->next;
            break;
        }
    }
    unlock_registry();
    return found;
}

void *__deregister_frame_info(const void *begin)
{
    return __deregister_frame_info_bases(begin);
}

extern void *malloc(size_t);
extern void free(void *);

void __register_frame(void *begin)
{
    if (begin == 0 || *(uint32_t *)begin == 0)
        return;
    struct object *object = malloc(sizeof *object);
    if (object)
        __register_frame_info(begin, object);
}

void __deregister_frame(void *begin)
{
    if (begin == 0 || *(uint32_t *)begin == 0)
        return;
    free(__deregister_frame_info(begin));
}

static int find_linear(const unsigned char *section, word pc, struct frame_description *out, const struct bases *bases)
{
    for (const unsigned char *entry = section;;) {
        const unsigned char *at = entry;
        word length = entry_length(&at);
        if (length == 0)
            return 0;
        uint32_t id;
        memcpy(&id, at, 4);
        if (id != 0 && parse_fde(entry, pc, out, bases))
            return 1;
        entry = at + length;
    }
}

struct search {
    word pc;
    struct frame_description *description;
    struct bases bases;
    int found;
};

/* The header's table: pairs of function start and description, sorted by start, both relative to the header. */
static int search_header(const unsigned char *header, struct search *search)
{
    struct bases bases = search->bases;
    bases.data = (word)header;
    struct reader reader = { header + 4, 0 };
    word section = read_pointer(&reader, header[1], &bases);
    if (header[0] != 1)
        return 0;
    if (header[2] == PE_OMIT || header[3] != (PE_DATAREL | PE_SDATA4))
        return find_linear((const unsigned char *)section, search->pc, search->description, &search->bases);
    word count = read_pointer(&reader, header[2], &bases);
    struct row {
        int32_t start, description;
    };
    const struct row *rows = (const struct row *)reader.at;
    word low = 0, high = count;
    while (low < high) {
        word middle = low + (high - low) / 2;
        if ((word)header + rows[middle].start <= search->pc)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return 0;
    return parse_fde(header + rows[low - 1].description, search->pc, search->description, &search->bases);
}

static int search_module(struct dl_phdr_info *info, size_t size, void *data)
{
    struct search *search = data;
    const unsigned char *header = 0;
    int holds_pc = 0;
    (void)size;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *segment = &info->dlpi_phdr[i];
        word start = info->dlpi_addr + segment->p_vaddr;
        if (segment->p_type == PT_LOAD && search->pc - start < segment->p_memsz)
            holds_pc = 1;
        else if (segment->p_type == PT_GNU_EH_FRAME)
            header = (const unsigned char *)start;
    }
    if (!holds_pc)
        return 0;
    search->found = header && search_header(header, search);
    return 1;
}

static int find_description(word pc, struct frame_description *out, struct bases *bases)
{
    int found = 0;
    lock_registry();
    for (struct object *object = registered; object && !found; object = object->next) {
        struct bases own = { object->text_base, object->data_base, 0 };
        found = find_linear(object->begin, pc, out, &own);
        if (found)
            *bases = own;
    }
    unlock_registry();
    if (found)
        return 1;
    struct search search = { .pc = pc, .description = out };
    dl_iterate_phdr(search_module, &search);
    *bases = search.bases;
    return search.found;
}

struct dwarf_eh_bases {
    void *tbase, *dbase, *func;
};

/* The description's own bytes, for programs that read them themselves. */
const void *_Unwind_Find_FDE(void *pc, struct dwarf_eh_bases *bases)
{
    struct frame_description description;
    struct bases found;
    if (!find_description((word)pc, &description, &found))
        return 0;
    bases->tbase = (void *)found.text;
    bases->dbase = (void *)found.data;
    bases->func = (void *)description.start;
    return description.program; /* inside the entry: its start is not kept */
}

/* The rules of one row of the table that call frame instructions describe. */
enum rule_kind { RULE_SAME, RULE_UNDEFINED, RULE_OFFSET, RULE_VALUE_OFFSET, RULE_REGISTER, RULE_EXPRESSION, RULE_VALUE_EXPRESSION };

struct rule {
    enum rule_kind kind;
    intptr_t operand;
};

struct row {
    struct rule rules[REGISTERS];
    unsigned cfa_register;
    intptr_t cfa_offset;
    const unsigned char *cfa_expression;
};

#define REMEMBERED 8

struct machine {
    struct row row, initial, remembered[REMEMBERED];
    int depth;
    word location;
};

static void set_rule(struct machine *machine, word number, enum rule_kind kind, intptr_t operand)
{
    if (number < REGISTERS)
        machine->row.rules[number] = (struct rule){ kind, operand };
}

static void restore_rule(struct machine *machine, word number)
{
    if (number < REGISTERS)
        machine->row.rules[number] = machine->initial.rules[number];
}

/* A block's address as a rule's operand; the reader moves past it. */
static intptr_t take_block(struct reader *reader)
{
    intptr_t start = (intptr_t)reader->at;
    word size = read_uleb(reader);
    reader->at += size;
    return start;
}

static void run_program(struct machine *machine, struct reader reader, word pc, const struct frame_description *frame)
{
    const intptr_t scale = frame->data_alignment;
    while (reader.at < reader.end && machine->location <= pc) {
        unsigned byte = *reader.at++, low = byte & 0x3f;
        word number;
        switch (byte >> 6) {
        case 1: /* advance_loc */
            machine->location += low * frame->code_alignment;
            continue;
        case 2: /* offset */
            set_rule(machine, low, RULE_OFFSET, read_uleb(&reader) * scale);
            continue;
        case 3: /* restore */
            restore_rule(machine, low);
            continue;
        }
        switch (byte) {
        case 0x00: /* nop */
            break;
        case 0x01: { /* set_loc */
            struct bases none = { 0, 0, 0 };
            machine->location = read_pointer(&reader, PE_ABSOLUTE, &none);
            break;
        }
        case 0x02: /* advance_loc1, 2, 4 */
            machine->location += read_bytes(&reader, 1) * frame->code_alignment;
            break;
        case 0x03:
            machine->location += read_bytes(&reader, 2) * frame->code_alignment;
            break;
        case 0x04:
            machine->location += read_bytes(&reader, 4) * frame->code_alignment;
            break;
        case 0x05: /* offset_extended */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_OFFSET, read_uleb(&reader) * scale);
            break;
        case 0x06: /* restore_extended */
            restore_rule(machine, read_uleb(&reader));
            break;
        case 0x07: /* undefined */
            set_rule(machine, read_uleb(&reader), RULE_UNDEFINED, 0);
            break;
        case 0x08: /* same_value */
            set_rule(machine, read_uleb(&reader), RULE_SAME, 0);
            break;
        case 0x09: /* register */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_REGISTER, read_uleb(&reader));
            break;
        case 0x0a: /* remember_state */
            if (machine->depth == REMEMBERED)
                __builtin_trap();
            machine->remembered[machine->depth++] = machine->row;
            break;
        case 0x0b: /* restore_state */
            if (machine->depth == 0)
                __builtin_trap();
            machine->row = machine->remembered[--machine->depth];
            break;
        case 0x0c: /* def_cfa */
            machine->row.cfa_register = read_uleb(&reader);
            machine->row.cfa_offset = read_uleb(&reader);
            machine->row.cfa_expression = 0;
            break;
        case 0x0d: /* def_cfa_register */
            machine->row.cfa_register = read_uleb(&reader);
            machine->row.cfa_expression = 0;
            break;
        case 0x0e: /* def_cfa_offset */
            machine->row.cfa_offset = read_uleb(&reader);
            break;
        case 0x0f: /* def_cfa_expression */
            machine->row.cfa_expression = (const unsigned char *)take_block(&reader);
            break;
        case 0x10: /* expression */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_EXPRESSION, take_block(&reader));
            break;
        case 0x11: /* offset_extended_sf */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_OFFSET, read_sleb(&reader) * scale);
            break;
        case 0x12: /* def_cfa_sf */
            machine->row.cfa_register = read_uleb(&reader);
            machine->row.cfa_offset = read_sleb(&reader) * scale;
            machine->row.cfa_expression = 0;
            break;
        case 0x13: /* def_cfa_offset_sf */
            machine->row.cfa_offset = read_sleb(&reader) * scale;
            break;
        case 0x14: /* val_offset */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_VALUE_OFFSET, read_uleb(&reader) * scale);
            break;
        case 0x15: /* val_offset_sf */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_VALUE_OFFSET, read_sleb(&reader) * scale);
            break;
        case 0x16: /* val_expression */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_VALUE_EXPRESSION, take_block(&reader));
            break;
        case 0x2e: /* GNU_args_size */
            read_uleb(&reader);
            break;
        case 0x2f: /* GNU_negative_offset_extended */
            number = read_uleb(&reader);
            set_rule(machine, number, RULE_OFFSET, -(intptr_t)read_uleb(&reader) * scale);
            break;
        default:
            __builtin_trap();
        }
    }
}

#define STACK_DEPTH 64

/* Evaluates a DWARF expression (DWARF 5, 2.5) with one value on the stack to begin with. */
static word evaluate(const unsigned char *block, const struct _Unwind_Context *context, word first)
{
    struct reader reader = { block, 0 };
    word size = read_uleb(&reader);
    reader.end = reader.at + size;
    word stack[STACK_DEPTH];
    int depth = 1;
    stack[0] = first;
    struct bases none = { 0, 0, 0 };
    while (reader.at < reader.end) {
        unsigned operation = *reader.at++;
        word top = depth > 0 ? stack[depth - 1] : 0, below = depth > 1 ? stack[depth - 2] : 0, value = 0;
        if (depth + 2 > STACK_DEPTH)
            __builtin_trap();
        if (operation >= 0x30 && operation <= 0x4f) { /* lit */
            stack[depth++] = operation - 0x30;
            continue;
        }
        if (operation >= 0x70 && operation <= 0x8f) { /* breg */
            intptr_t offset = read_sleb(&reader);
            stack[depth++] = (operation - 0x70 < REGISTERS ? context->values[operation - 0x70] : 0) + offset;
            continue;
        }
        switch (operation) {
        case 0x03: /* addr */
            stack[depth++] = read_pointer(&reader, PE_ABSOLUTE, &none);
            continue;
        case 0x06: /* deref */
            stack[depth - 1] = *(word *)top;
            continue;
        case 0x94: /* deref_size */
            memcpy(&value, (void *)top, *reader.at++);
            stack[depth - 1] = value;
            continue;
        case 0x08:
            stack[depth++] = read_bytes(&reader, 1);
            continue;
        case 0x09:
            stack[depth++] = (word)(intptr_t)(int8_t)read_bytes(&reader, 1);
            continue;
        case 0x0a:
            stack[depth++] = read_bytes(&reader, 2);
            continue;
        case 0x0b:
            stack[depth++] = (word)(intptr_t)(int16_t)read_bytes(&reader, 2);
            continue;
        case 0x0c:
            stack[depth++] = read_bytes(&reader, 4);
            continue;
        case 0x0d:
            stack[depth++] = (word)(intptr_t)(int32_t)read_bytes(&reader, 4);
            continue;
        case 0x0e:
        case 0x0f:
            stack[depth++] = read_bytes(&reader, 8);
            continue;
        case 0x10:
            stack[depth++] = read_uleb(&reader);
            continue;
        case 0x11:
            stack[depth++] = read_sleb(&reader);
            continue;
        case 0x12: /* dup */
            stack[depth++] = top;
            continue;
        case 0x13: /* drop */
            depth--;
            continue;
        case 0x14: /* over */
            stack[depth++] = below;
            continue;
        case 0x16: /* swap */
            stack[depth - 1] = below;
            stack[depth - 2] = top;
            continue;
        case 0x19: /* abs */
            stack[depth - 1] = (intptr_t)top < 0 ? -top : top;
            continue;
        case 0x1f: /* neg */
            stack[depth - 1] = -top;
            continue;
        case 0x20: /* not */
            stack[depth - 1] = ~top;
            continue;
        case 0x23: /* plus_uconst */
            stack[depth - 1] = top + read_uleb(&reader);
            continue;
        case 0x28: { /* bra */
            int16_t distance = (int16_t)read_bytes(&reader, 2);
            depth--;
            if (top)
                reader.at += distance;
            continue;
        }
        case 0x2f: { /* skip */
            int16_t distance = (int16_t)read_bytes(&reader, 2);
            reader.at += distance;
            continue;
        }
        case 0x96: /* nop */
            continue;
        case 0x1a:
            value = below & top;
            break;
        case 0x1b:
            value = (intptr_t)below / (intptr_t)top;
            break;
        case 0x1c:
            value = below - top;
            break;
        case 0x1d:
            value = below % top;
            break;
        case 0x1e:
            value = below * top;
            break;
        case 0x21:
            value = below | top;
            break;
        case 0x22:
            value = below + top;
            break;
        case 0x24:
            value = below << top;
            break;
        case 0x25:
            value = below >> top;
            break;
        case 0x26:
            value = (intptr_t)below >> top;
            break;
        case 0x27:
            value = below ^ top;
            break;
        case 0x29:
            value = below == top;
            break;
        case 0x2a:
            value = (intptr_t)below >= (intptr_t)top;
            break;
        case 0x2b:
            value = (intptr_t)below > (intptr_t)top;
            break;
        case 0x2c:
            value = (intptr_t)below <= (intptr_t)top;
            break;
        case 0x2d:
            value = (intptr_t)below < (intptr_t)top;
            break;
        case 0x2e:
            value = below != top;
            break;
        default:
            __builtin_trap();
        }
        depth--;
        stack[depth - 1] = value;
    }
    return stack[depth - 1];
}

/* Finds the frame's description, runs its program up to the context's place, and notes the frame's facts. */
static _Unwind_Reason_Code describe(struct _Unwind_Context *context, struct machine *machine, struct frame_description *frame)
{
    struct bases bases;
    word pc = context->ip - (context->is_signal_frame ? 0 : 1);
    if (context->ip == 0 || !find_description(pc, frame, &bases))
        return _URC_END_OF_STACK;
    context->function_start = frame->start;
    context->lsda = frame->lsda;
    context->personality = frame->personality;
    context->text_base = bases.text;
    context->data_base = bases.data;
    memset(machine, 0, sizeof *machine);
    machine->location = 0;
    run_program(machine, (struct reader){ frame->cie_program, frame->cie_end }, ~(word)0, frame);
    machine->initial = machine->row;
    machine->location = frame->start;
    run_program(machine, (struct reader){ frame->program, frame->end }, pc, frame);
    return _URC_NO_REASON;
}

static word compute_cfa(const struct _Unwind_Context *context, const struct row *row)
{
    if (row->cfa_expression)
        return evaluate(row->cfa_expression, context, 0);
    return context->values[row->cfa_register] + row->cfa_offset;
}

/* Makes the context the caller's. */
static void step(struct _Unwind_Context *context, const struct machine *machine, const struct frame_description *frame)
{
    const struct row *row = &machine->row;
    word cfa = compute_cfa(context, row);
    struct _Unwind_Context old = *context;
    context->cfa = cfa;
    context->values[STACK_POINTER] = cfa;
    context->places[STACK_POINTER] = 0;
    for (int i = 0; i < REGISTERS; i++) {
        intptr_t operand = row->rules[i].operand;
        switch (row->rules[i].kind) {
        case RULE_SAME:
        case RULE_UNDEFINED:
            break;
        case RULE_OFFSET:
            context->places[i] = (word *)(cfa + operand);
            context->values[i] = *context->places[i];
            break;
        case RULE_VALUE_OFFSET:
            context->places[i] = 0;
            context->values[i] = cfa + operand;
            break;
        case RULE_REGISTER:
            context->places[i] = 0;
            context->values[i] = old.values[operand];
            break;
        case RULE_EXPRESSION:
            context->places[i] = (word *)evaluate((const unsigned char *)operand, &old, cfa);
            context->values[i] = *context->places[i];
            break;
        case RULE_VALUE_EXPRESSION:
            context->places[i] = 0;
            context->values[i] = evaluate((const unsigned char *)operand, &old, cfa);
            break;
        }
    }
    unsigned link = frame->return_register;
    context->ip = row->rules[link].kind == RULE_UNDEFINED ? 0 : context->values[link];
    context->is_signal_frame = frame->is_signal_frame;
}

/* The context of the function that called the entry point, from the registers that the entry saved. */
static void begin(struct _Unwind_Context *context, const struct machine_state *state)
{
    memset(context, 0, sizeof *context);
    memcpy(context->values, state->registers, sizeof state->registers);
    context->cfa = context->values[STACK_POINTER];
    context->ip = context->values[REGISTERS - 1];
}

static void __attribute__((noreturn)) install(const struct _Unwind_Context *context)
{
    struct machine_state state;
    memcpy(state.registers, context->values, sizeof state.registers);
    state.registers[STACK_POINTER] = context->cfa;
    state.registers[REGISTERS - 1] = context->ip;
    __kiln_load_state(&state);
}

/* Phase 2 from the context on: runs cleanups up to the frame that phase 1 found. Comes back with an error only. */
static _Unwind_Reason_Code unwind_to_handler(struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    for (;;) {
        struct machine machine;
        struct frame_description frame;
        if (describe(context, &machine, &frame) != _URC_NO_REASON)
            return _URC_FATAL_PHASE2_ERROR;
        /* The frame is known by its CFA, which is the caller's stack pointer. */
        int is_handler = compute_cfa(context, &machine.row) == exception->private_2;
        if (context->personality) {
            struct _Unwind_Context frame_context = *context;
            frame_context.cfa = context->values[STACK_POINTER];
            _Unwind_Reason_Code code = context->personality(1, _UA_CLEANUP_PHASE | (is_handler ? _UA_HANDLER_FRAME : 0),
                exception->exception_class, exception, &frame_context);
            if (code == _URC_INSTALL_CONTEXT)
                install(&frame_context);
            if (code != _URC_CONTINUE_UNWIND)
                return _URC_FATAL_PHASE2_ERROR;
        }
        if (is_handler)
            return _URC_FATAL_PHASE2_ERROR;
        step(context, &machine, &frame);
    }
}

static _Unwind_Reason_Code unwind_forced(struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    _Unwind_Stop_Fn stop = (_Unwind_Stop_Fn)exception->private_1;
    void *argument = (void *)exception->private_2;
    for (;;) {
        struct machine machine;
        struct frame_description frame;
        _Unwind_Reason_Code found = describe(context, &machine, &frame);
        int action = _UA_FORCE_UNWIND | _UA_CLEANUP_PHASE | (found == _URC_END_OF_STACK ? _UA_END_OF_STACK : 0);
        struct _Unwind_Context frame_context = *context;
        frame_context.cfa = context->values[STACK_POINTER];
        if (stop(1, action, exception->exception_class, exception, &frame_context, argument) != _URC_NO_REASON)
            return _URC_FATAL_PHASE2_ERROR;
        if (found == _URC_END_OF_STACK)
            return _URC_END_OF_STACK;
        if (context->personality) {
            _Unwind_Reason_Code code = context->personality(
                1, _UA_FORCE_UNWIND | _UA_CLEANUP_PHASE, exception->exception_class, exception, &frame_context);
            if (code == _URC_INSTALL_CONTEXT)
                install(&frame_context);
            if (code != _URC_CONTINUE_UNWIND)
                return _URC_FATAL_PHASE2_ERROR;
        }
        step(context, &machine, &frame);
    }
}

/*
 * The entry points of context.S save the registers and call these with them. Coming back from one of these returns to the caller.
 */
_Unwind_Reason_Code HIDDEN __kiln_raise(struct _Unwind_Exception *exception, const struct machine_state *state)
{
    struct _Unwind_Context start, context;
    begin(&start, state);
    context = start;
    for (;;) {
        struct machine machine;
        struct frame_description frame;
        _Unwind_Reason_Code code = describe(&context, &machine, &frame);
        if (code != _URC_NO_REASON)
            return code;
        if (context.personality) {
            struct _Unwind_Context frame_context = context;
            frame_context.cfa = context.values[STACK_POINTER];
            code = context.personality(1, _UA_SEARCH_PHASE, exception->exception_class, exception, &frame_context);
            if (code == _URC_HANDLER_FOUND) {
                exception->private_1 = 0;
                exception->private_2 = compute_cfa(&context, &machine.row);
                break;
            }
            if (code != _URC_CONTINUE_UNWIND)
                return _URC_FATAL_PHASE1_ERROR;
        }
        step(&context, &machine, &frame);
    }
    context = start;
    return unwind_to_handler(exception, &context);
}

_Unwind_Reason_Code HIDDEN __kiln_forced(struct _Unwind_Exception *exception, _Unwind_Stop_Fn stop, void *argument,
    const struct machine_state *state)
{
    struct _Unwind_Context context;
    begin(&context, state);
    exception->private_1 = (_Unwind_Word)stop;
    exception->private_2 = (_Unwind_Word)argument;
    return unwind_forced(exception, &context);
}

void HIDDEN __kiln_resume(struct _Unwind_Exception *exception, const struct machine_state *state)
{
    struct _Unwind_Context context;
    begin(&context, state);
    if (exception->private_1 == 0)
        unwind_to_handler(exception, &context);
    else
        unwind_forced(exception, &context);
    __builtin_trap();
}

_Unwind_Reason_Code HIDDEN __kiln_rethrow(struct _Unwind_Exception *exception, const struct machine_state *state)
{
    if (exception->private_1 == 0)
        return __kiln_raise(exception, state);
    struct _Unwind_Context context;
    begin(&context, state);
    return unwind_forced(exception, &context);
}

_Unwind_Reason_Code HIDDEN __kiln_backtrace(_Unwind_Trace_Fn trace, void *argument, const struct machine_state *state)
{
    struct _Unwind_Context context;
    begin(&context, state);
    for (;;) {
        struct machine machine;
        struct frame_description frame;
        _Unwind_Reason_Code found = describe(&context, &machine, &frame);
        if (found != _URC_NO_REASON && found != _URC_END_OF_STACK)
            return _URC_FATAL_PHASE1_ERROR;
        if (trace(&context, argument) != _URC_NO_REASON)
            return _URC_FATAL_PHASE1_ERROR;
        if (found == _URC_END_OF_STACK)
            return _URC_END_OF_STACK;
        step(&context, &machine, &frame);
    }
}

void _Unwind_DeleteException(struct _Unwind_Exception *exception)
{
    if (exception->exception_cleanup)
        exception->exception_cleanup(_URC_FOREIGN_EXCEPTION_CAUGHT, exception);
}

_Unwind_Word _Unwind_GetGR(struct _Unwind_Context *context, int number)
{
    return number >= 0 && number < REGISTERS ? context->values[number] : 0;
}

void _Unwind_SetGR(struct _Unwind_Context *context, int number, _Unwind_Word value)
{
    if (number >= 0 && number < REGISTERS)
        context->values[number] = value;
}

_Unwind_Ptr _Unwind_GetIP(struct _Unwind_Context *context)
{
    return context->ip;
}

_Unwind_Ptr _Unwind_GetIPInfo(struct _Unwind_Context *context, int *is_before)
{
    *is_before = context->is_signal_frame;
    return context->ip;
}

void _Unwind_SetIP(struct _Unwind_Context *context, _Unwind_Ptr value)
{
    context->ip = value;
}

_Unwind_Word _Unwind_GetCFA(struct _Unwind_Context *context)
{
    return context->cfa;
}

void *_Unwind_GetLanguageSpecificData(struct _Unwind_Context *context)
{
    return (void *)context->lsda;
}

_Unwind_Ptr _Unwind_GetRegionStart(struct _Unwind_Context *context)
{
    return context->function_start;
}

_Unwind_Ptr _Unwind_GetDataRelBase(struct _Unwind_Context *context)
{
    return context->data_base;
}

_Unwind_Ptr _Unwind_GetTextRelBase(struct _Unwind_Context *context)
{
    return context->text_base;
}

void *_Unwind_FindEnclosingFunction(void *pc)
{
    struct frame_description description;
    struct bases bases;
    return find_description((word)pc - 1, &description, &bases) ? (void *)description.start : 0;
}

/* The personality of C code with __attribute__((cleanup)) under -fexceptions: its table has call sites and no actions. */
_Unwind_Reason_Code __gcc_personality_v0(int version, _Unwind_Action actions, _Unwind_Exception_Class class,
    struct _Unwind_Exception *exception, struct _Unwind_Context *context)
{
    (void)class;
    if (version != 1)
        return _URC_FATAL_PHASE1_ERROR;
    if (!(actions & _UA_CLEANUP_PHASE) || context->lsda == 0)
        return _URC_CONTINUE_UNWIND;
    struct reader reader = { (const unsigned char *)context->lsda, 0 };
    struct bases bases = { context->text_base, context->data_base, context->function_start };
    unsigned encoding = *reader.at++;
    word landing_base = encoding == PE_OMIT ? context->function_start : read_pointer(&reader, encoding, &bases);
    encoding = *reader.at++;
    if (encoding != PE_OMIT)
        read_uleb(&reader);
    encoding = *reader.at++;
    word size = read_uleb(&reader);
    const unsigned char *end = reader.at + size;
    word place = context->ip - (context->is_signal_frame ? 0 : 1) - context->function_start;
    struct bases none = { 0, 0, 0 };
    while (reader.at < end) {
        word start = read_pointer(&reader, encoding & 0x0f, &none);
        word length = read_pointer(&reader, encoding & 0x0f, &none);
        word landing = read_pointer(&reader, encoding & 0x0f, &none);
        read_uleb(&reader);
        if (place < start)
            break;
        if (place - start >= length)
            continue;
        if (landing == 0)
            break;
        /* The registers in which the landing pad expects the exception and the selector. */
        _Unwind_SetGR(context, __builtin_eh_return_data_regno(0), (_Unwind_Word)exception);
        _Unwind_SetGR(context, __builtin_eh_return_data_regno(1), 0);
        context->ip = landing_base + landing;
        return _URC_INSTALL_CONTEXT;
    }
    return _URC_CONTINUE_UNWIND;
}
