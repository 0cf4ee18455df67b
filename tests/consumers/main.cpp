// A program in C++ that uses the library by its guards.
#include <moorage/moorage.hpp>

#include <cstdio>
#include <utility>

int main()
{
    moor_config config = moorage::default_config();
    config.limits[MOOR_LIMIT_RUNNING] = 1;
    moorage::registry registry(config);
    int refused = 0;

    for (int i = 0; i < 2; i++) {
        moorage::run first(registry, moor_spawn_options{});
        moorage::run moved(std::move(first));
        try {
            moorage::run second(registry, moor_spawn_options{});
        } catch (const moorage::refused &answer) {
            refused += answer.refusal().limit == MOOR_LIMIT_RUNNING;
        }
        moved.complete("done");
    }
    moorage::check(moor_check(registry.get(), true, nullptr, 0));
    if (refused == 2) std::puts("consumed");
    return refused != 2;
}
