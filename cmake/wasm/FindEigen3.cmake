include(${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
trm_headers_of_this_system(Eigen3 Eigen3::Eigen Eigen /usr/include/eigen3)
